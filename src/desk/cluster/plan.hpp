#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/json.hpp"

namespace crosstalk::cluster {

/// What lies in a results folder whose study goes through a cluster: RESULTS/cluster/.
struct ClusterFolder {
  std::filesystem::path results;
  std::filesystem::path folder() const { return results / "cluster"; }
  std::filesystem::path plan() const { return folder() / "plan.json"; }
  std::filesystem::path script() const { return folder() / "array.sh"; }
  std::filesystem::path first_script() const { return folder() / "first.sh"; }
  std::filesystem::path logs() const { return folder() / "logs"; }
  std::filesystem::path shards() const { return folder() / "shards"; }
  /// A task's own folder, which no other process touches: a results folder with its runs alone.
  std::filesystem::path shard(std::size_t task) const;
  /// What a task gives to others to read: a copy of its store that is never changed, only replaced.
  std::filesystem::path published(std::size_t task) const { return shard(task) / "shard.sqlite"; }
};

/// What is asked of Slurm for each task.
struct Resources {
  std::string partition, time, constraint;  // empty: as the cluster has it by default
  int cpus = 1, gpus = 0, array_limit = 0;  // array_limit 0: as many at a time as the cluster allows
  std::vector<std::string> more;            // "key=value" or "key", as options of sbatch
  std::int64_t signal_seconds = 0;          // before the time limit SIGUSR1 comes
};

/// One task: which of the study's runs it makes, by their place, and what they are expected to take (0 where
/// that is not known).
struct Task {
  std::vector<std::size_t> runs;
  std::vector<double> run_seconds;  // of each of them
  double seconds = 0;               // on the clock, with `jobs` workers
};

/// A study, cut into tasks. Fixed once it is submitted: a task that comes again makes the same runs.
struct Plan {
  std::string id;                 // 16 digits: of what it holds, and of when it was made
  std::string crosstalk;          // the version that made it, and that must run it
  Json study;                     // study::to_json
  std::vector<std::string> runs;  // of the study, by their place: identifiers
  Json data;                      // data sets as they were when it was submitted (study record's "data")
  Json data_folder;               // --data, or null
  std::vector<Task> tasks;
  int jobs = 1;  // workers of a task
  double checkpoint_seconds = 30;
  bool makes_trajectories = false;  // a first job collects what the runs learn from
  Resources resources;
  std::set<std::string> over;  // runs that the results have already: no task makes them

  std::string study_name() const;  // with its scale, for messages
  std::string job_name() const;    // the study's name first, which is what `squeue` has room for
};

/// The plan's id, by what decides the tasks and by `made`, the time.
std::string id_of(const Plan& plan, const std::string& made);

bool has_plan(const ClusterFolder& folder);
/// The file appears whole or not at all; Error(store).
void write_plan(const ClusterFolder& folder, const Plan& plan);
/// Error(store) where there is none, it is damaged, or another version has made it.
Plan read_plan(const ClusterFolder& folder);

/// "3, 7-9, 12", as messages and sbatch's --array take numbers; `separator` ", " or ",".
std::string ranges(const std::vector<std::size_t>& numbers, const std::string& separator);

}  // namespace crosstalk::cluster
