#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/describe.hpp"
#include "cli/session.hpp"
#include "cluster/plan.hpp"
#include "cluster/slurm.hpp"
#include "store/store.hpp"
#include "study/configuration.hpp"

namespace crosstalk::cli {

/// The study of a plan; Error(store) naming the plan where it is none.
study::Study study_of(const cluster::Plan& plan, const cluster::ClusterFolder& folder);

/// Where the data of a submitted study lie.
DataPlaces places_of(const cluster::Plan& plan, const cluster::ClusterFolder& folder);

/// The runs of a task, as they stand in its shard or, where they are over there, as they are merged.
struct TaskState {
  std::vector<store::RunRecord> runs;
  Counts counts;
  bool has_shard = false;
  std::string fault;  // of the shard: open_shard's words
};
std::vector<TaskState> task_states(const cluster::ClusterFolder& folder, const cluster::Plan& plan,
                                   const std::map<std::string, store::RunRecord>& merged);
/// Whether all its runs are over, whatever is wrong with the shard: they may be merged already.
bool has_all_runs(const TaskState& state);
/// Whether nothing of it is left to do.
bool is_complete(const TaskState& state);

/// The runs of a submitted study as they are merged, by name; empty where nothing is.
std::map<std::string, store::RunRecord> merged_runs(const cluster::ClusterFolder& folder);

/// What is in Slurm's queue of the study; nothing where it cannot be asked here.
std::optional<std::vector<cluster::Job>> jobs_of(const cluster::Plan& plan);

/// Prints how the tasks and the runs of a submitted study stand; false where the folder holds none.
bool show_submitted(const std::filesystem::path& results);

}  // namespace crosstalk::cli
