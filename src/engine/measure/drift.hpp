#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <vector>

#include "learn/learner.hpp"
#include "measure/drifts.hpp"
#include "measure/subject.hpp"
#include "tensor/state.hpp"

namespace crosstalk::measure {

/// Notes what a network predicts at some transitions right after an update on them, and looks again when one
/// of them is drawn the next time. It adds a forward pass of the transitions noted, and one of those drawn
/// again in each update that draws any, and changes nothing.
class Drift {
 public:
  /// So many wait at the most; beyond, those that have waited longest are given up.
  explicit Drift(Subject& subject, std::size_t most = 4096) : subject_(subject), most_(most) {}

  /// What was drawn again since the last call; nothing before anything was noted. The minibatch of the
  /// update that follows will be noted.
  std::optional<Drifts> take();

  void before(const learn::Update& update, learn::Passes& passes);
  void after(const learn::Update& update, learn::Passes& passes);

  /// All that the next take() depends on.
  void save(tensor::State& state) const;
  /// Error(data) where it does not fit together.
  void load(const tensor::State& state);

 private:
  struct Note {
    double value;
    std::int64_t update;  // the number of the update after which it is
  };
  std::vector<double> values_at(const data::Rows& rows, learn::Passes& passes) const;
  void give_up();

  Subject& subject_;
  std::size_t most_;
  std::map<data::Id, Note> notes_;
  Drifts read_;  // since the last take(), without those left out
  bool noting_ = false, begun_ = false;
};

}  // namespace crosstalk::measure
