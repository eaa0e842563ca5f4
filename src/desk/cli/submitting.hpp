#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/session.hpp"
#include "cli/source.hpp"
#include "cluster/plan.hpp"
#include "cluster/time_limit.hpp"
#include "work/signals.hpp"

namespace crosstalk::cli {

/// What `crosstalk submit` was asked.
struct SubmitOptions {
  RunOptions run;  // of the study: source, load, out, data, checkpoint_seconds
  cluster::Resources resources;
  std::size_t runs_per_task = 0;  // 0: by the time that was measured
  bool slurm = false, same_bits = false, dry_run = false;
};

/// What the cluster sets bounds to.
struct Bounds {
  std::size_t most_tasks = 1001;  // in one array; as Slurm has it by default
  std::string time;               // the limit that counts for a task: --time, or the partition's
};

/// Error(config) where the options do not fit one another or the runs of the study.
void check_options(const SubmitOptions& options, const std::vector<study::Configuration>& runs);

/// A plan, and what its runs will leave on disk.
struct Planned {
  cluster::Plan plan;
  double bytes = 0, kept_bytes = 0;  // 0 where nothing could be measured
};

/// A plan of the runs that are not `over`: their cost is measured as `run --plan` does, and they are cut into
/// tasks of about an hour, or of half the time limit where that is less. Error(config) for a time limit that
/// is shorter than one checkpoint. `made`: when.
Planned plan_of(const SubmitOptions& options, const Source& source, const work::ResultsFolder& results,
                const Bounds& bounds, std::set<std::string> over, const std::string& made,
                const Context& context, const work::Interrupts& interrupts);

}  // namespace crosstalk::cli
