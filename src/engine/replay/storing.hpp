#pragma once

#include "replay/gathered.hpp"

namespace crosstalk::replay {

/// Writes a set of trajectories (base/trajectory_set.hpp), whole episodes as they come, into segments of
/// about 64 MiB, and goes on with one that was interrupted. A segment is on the disk before trajectories.json
/// names it; what that names is whole whenever this process ends. Interrupted or not, the same episodes make
/// the same bytes.
class Storing {
 public:
  /// Bytes of gathered episodes by which a segment is cut.
  static constexpr std::uint64_t segment_bytes = std::uint64_t{64} << 20;

  /// `recipe`: of trajectories.json all that is known before the first step (environment, task, policy, seed,
  /// requested, versions, observation, actions, "discount of values", frames, ram, lossy); `scores`: whether
  /// the task counts another number than the reward. Where the folder holds a set of this recipe, it goes on;
  /// Error(config) where it holds another, naming what differs; Error(data) where what is there is damaged;
  /// Unwritten where it cannot be written.
  Storing(std::filesystem::path folder, Json recipe, bool scores, std::uint64_t cut_at = segment_bytes);
  Storing(const Storing&) = delete;

  const SegmentForm& form() const { return form_; }
  bool complete() const { return complete_; }
  std::int64_t steps() const;
  std::int64_t episodes() const { return std::ssize(returns_); }
  /// What the last add() said that is on the disk; null: nothing is, or the set is complete.
  const Json& collector() const { return collector_; }

  /// One whole episode; `collector`: where collecting goes on behind it.
  void add(const Gathered& episode, Json collector);
  /// Puts on the disk what no segment holds yet; cheap where there is nothing new.
  void keep();
  /// There are no more. Error(config) where there is none at all.
  void finish();

 private:
  void go_on(const TrajectorySet& there);
  void refuse_other(const Json& there) const;
  SegmentEntry write(const std::string& file) const;  // what is gathered
  void cut();
  void write_about();
  /// What is left of what was gathered, and of a file that was being written when its process was killed.
  void remove_others_than(const std::string& gathered) const;

  std::filesystem::path folder_;
  Json recipe_;
  SegmentForm form_;
  std::uint64_t cut_at_;
  Gathered gathered_;
  std::vector<SegmentEntry> segments_;
  std::optional<SegmentEntry> pending_;  // what is gathered, on the disk
  bool pending_is_old_ = false;          // there is more by now
  std::int64_t stored_steps_ = 0;
  std::vector<double> returns_, scores_;  // of each episode
  Json collector_;
  bool complete_ = false;
};

}  // namespace crosstalk::replay
