#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <span>
#include <string>

#include "base/trajectory_set.hpp"
#include "env/arrays.hpp"

namespace crosstalk::replay {

/// What stands in every segment of a set.
struct SegmentForm {
  env::ArrayForm observation;
  std::int64_t actions = 0;  // to choose from
  std::int64_t frames = 0;   // of a step, whose actions are kept; 0: they are not
  std::int64_t ram = 0;      // bytes of the console's memory at each observation; 0: they are not kept
  bool scores = false;       // what the task counts is another number than the reward
  bool values = false;       // of every action at each observation

  /// Of a set; Error(data) names trajectories.json.
  static SegmentForm of(const TrajectorySet& set);
};

/// A file of whole episodes, n steps and e episodes, its columns mapped. The k-th episode has lengths[k]
/// steps and lengths[k] + 1 observations, in order. Undefined is what the form says is not there.
struct Segment {
  at::Tensor observations;               // (n + e, bytes of a record) uint8
  at::Tensor actions, rewards, scores;   // (n) int64, float64, float64
  at::Tensor terminations, truncations;  // (n) uint8, 0 or 1
  at::Tensor lengths, seeds;             // (e) int64
  at::Tensor executed;                   // (n, frames) int64; -1 where the episode ended before that frame
  at::Tensor ram;                        // (n + e, ram) uint8
  at::Tensor values;                     // (n + e, actions) float32

  std::int64_t steps() const { return rewards.size(0); }
  std::int64_t episodes() const { return lengths.size(0); }
};

/// Maps and checks one: sizes against its entry and form, lengths, actions, ends, and that every number is
/// finite. Error(data) names the file, the place and the mend. Its contents are read against the digest
/// once in a process, as long as nobody writes to the file.
Segment read_segment(const std::filesystem::path& path, const SegmentEntry& entry, const SegmentForm& form);

/// A contiguous tensor's numbers.
template <class Number>
std::span<const Number> numbers(const at::Tensor& column) {
  return {column.const_data_ptr<Number>(), static_cast<std::size_t>(column.numel())};
}

}  // namespace crosstalk::replay
