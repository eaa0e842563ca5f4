#pragma once

#include <set>
#include <string>

#include "cli/submitting.hpp"

namespace crosstalk::cli {

/// What the cluster allows; on a machine without Slurm, where nothing is submitted, what Slurm has by
/// default. With --same-bits the constraint is found.
Bounds bounds_of(SubmitOptions& options);

/// Runs that the folder's results have already; Error(store) where they are another study's.
std::set<std::string> over_in(const work::ResultsFolder& results, const Source& source,
                              const RunOptions& options);

/// Error(config) where an option is said that a study has from its first `submit`: its runs stay as they are.
void refuse_what_is_fixed(const RunOptions& options);

/// Error(store) where shards lie in the folder whose plan is gone: they have finished runs.
void check_no_shards(const cluster::ClusterFolder& folder);

/// Error(config) where the study makes trajectories in the place of its own results.
void check_trajectories_apart(const study::Study& study, const work::ResultsFolder& results);

}  // namespace crosstalk::cli
