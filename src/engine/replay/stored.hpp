#pragma once

#include "base/trajectory_set.hpp"
#include "replay/segment.hpp"
#include "replay/trajectories.hpp"

namespace crosstalk::replay {

/// A set of trajectories on disk (base/trajectory_set.hpp), mapped: all workers of a machine share its pages,
/// and nothing of an observation is copied before it is drawn. Beside the pages a step takes about 50 bytes
/// here.
class Stored {
 public:
  /// Error(data) names the file, the value and the mend where the set is cut short, damaged, incomplete, of
  /// unequal lengths or not finite. `type`, `device`: how observations are drawn; rewards are rounded to
  /// `type`. `shifted`: Keeping has it.
  Stored(const std::filesystem::path& folder, at::ScalarType type, at::Device device, bool shifted = false);

  const TrajectorySet& set() const { return set_; }
  const Json& about() const { return set_.about; }  // trajectories.json
  /// SHA-256 of what it holds; part of the identity of runs that learn from it.
  const std::string& digest() const { return digest_; }
  std::int64_t actions() const { return set_.actions; }  // to choose from, one choice a step
  const env::ArrayForm& form() const { return form_.observation; }
  std::shared_ptr<const env::Drawing> drawing() const { return drawing_; }

  /// Rows 0 ... steps - 1, episode after episode. They live as long as this object.
  const Trajectories& steps() const { return steps_; }
  bool has_values() const { return form_.values; }
  bool has_scores() const { return form_.scores; }
  /// (N, actions) float32, Q* at the observation before or after each of these steps. Error(config) where the
  /// set has none.
  at::Tensor values(std::span<const data::Id> rows, data::At at) const;
  /// The console's memory there; empty where it was not kept.
  std::span<const std::uint8_t> ram(data::Id row, data::At at) const;
  /// The actions that a step's frames were played by, -1 where it ended before; empty where they were not
  /// kept.
  std::span<const std::int64_t> executed(data::Id row) const;
  /// What the task counts, where that is another number than the reward: the game's own score.
  std::optional<double> score(data::Id row) const;
  /// reset(seed) of a step's episode; nothing where it is not known.
  std::optional<std::uint64_t> seed(data::Id row) const;

 private:
  /// Where its first step, observation and episode are numbered.
  struct Part {
    std::int64_t step, record, episode;
    Segment segment;
  };
  const Part& part_of(data::Id row) const;
  /// Which observation of its segment.
  std::int64_t place(const Part& part, data::Id row, data::At at) const {
    return steps_[row].record - part.record + (at == data::At::after ? 1 : 0);
  }

  TrajectorySet set_;
  std::string digest_;
  SegmentForm form_;
  std::shared_ptr<const env::Drawing> drawing_;
  std::vector<Part> parts_;
  Trajectories steps_;
};

}  // namespace crosstalk::replay
