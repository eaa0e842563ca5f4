#pragma once

#include "learn/update.hpp"

namespace crosstalk::learn {

/// How far a run is.
struct Clock {
  std::int64_t steps = 0;  // in the environment
  std::int64_t updates = 0;
  std::int64_t episodes = 0;  // ended
};

/// Where batches come from.
class Source {
 public:
  virtual ~Source() = default;
  /// A tick: at most one step of an environment and at most one batch. False: nothing is to be learned from
  /// yet.
  virtual bool next(Batch& batch) = 0;
  /// Whether nothing more is to be learned of what has been seen: one step may owe several updates.
  virtual bool settled() const { return true; }
  /// After an update on its batch.
  virtual void learned(const Update&) {}
  /// Steps and episodes, where it takes any.
  virtual void count(Clock&) const {}

  virtual void save(tensor::State& state) const = 0;
  virtual void load(const tensor::State& state) = 0;
};

}  // namespace crosstalk::learn
