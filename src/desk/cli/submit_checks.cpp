#include "cli/submit_checks.hpp"

#include "base/error.hpp"
#include "cli/belonging.hpp"
#include "cli/console.hpp"
#include "cli/resuming.hpp"
#include "cluster/slurm.hpp"
#include "study/own_class.hpp"

namespace crosstalk::cli {

Bounds bounds_of(SubmitOptions& options) {
  cluster::Resources& asked = options.resources;
  if (!asked.time.empty()) cluster::seconds_of(asked.time);  // that it is a time
  try {
    cluster::check_slurm();
  } catch (const Error& error) {
    if (!options.dry_run) throw;
    remark("note: " + std::string(error.what()) + "\nSo --partition and the longest time are not checked" +
           (options.same_bits ? ", and --same-bits is left out" : ""));
    return {.time = asked.time};
  }
  const cluster::Partition partition = cluster::partition_of(asked.partition);
  const auto longest = cluster::seconds_of(partition.longest);
  Bounds bounds{.most_tasks = cluster::most_tasks(), .time = asked.time};
  if (asked.time.empty()) {
    const bool is_said = !partition.usual.empty() && partition.usual != "n/a";
    bounds.time = is_said ? partition.usual : partition.longest;
  } else if (const auto wanted = cluster::seconds_of(asked.time); longest && wanted && *wanted > *longest) {
    throw Error(ErrorKind::config, "--time " + asked.time + ": partition " + partition.name +
                                       " allows at most " + partition.longest +
                                       ". Give less, or another --partition.");
  }
  if (options.same_bits) {
    const cluster::OneKind kind = cluster::one_kind(cluster::node_kinds(partition.name), partition.name);
    asked.constraint = kind.constraint;
    say_if_heard("same bits: " + kind.words + '\n');
  }
  return bounds;
}

std::set<std::string> over_in(const work::ResultsFolder& results, const Source& source,
                              const RunOptions& options) {
  std::set<std::string> over;
  if (!has_store(results)) return over;
  const store::Store store = store::Store::open_to_read(results.file());
  check_belongs(results, store, source, options);
  check_leaving(results, store, source, options);
  for (const store::RunRecord& run : store.runs())
    if (is_over(run.status)) over.insert(run.run);
  return over;
}

void refuse_what_is_fixed(const RunOptions& options) {
  const auto refuse = [](bool is_said, const char* option) {
    if (is_said)
      throw Error(ErrorKind::config,
                  std::string(option) +
                      " goes with a study's first `submit` alone: the folder has its runs, and "
                      "they stay as they are. Leave it out, or give the study file and another "
                      "--out.");
  };
  refuse(!options.load.sets.empty(), "--set");
  refuse(!options.load.scale.empty(), "--scale");
  refuse(options.load.seed_offset != 0, "--seed-offset");
  refuse(!options.load.device.empty(), "--device");
  refuse(!options.data.empty(), "--data");
  refuse(!options.out.empty(), "--out");
  refuse(options.checkpoint_seconds != RunOptions().checkpoint_seconds, "--checkpoint-seconds");
}

void check_no_shards(const cluster::ClusterFolder& folder) {
  std::error_code ignored;
  if (!std::filesystem::exists(folder.shards(), ignored) ||
      std::filesystem::is_empty(folder.shards(), ignored))
    return;
  throw Error(ErrorKind::store,
              folder.folder().string() +
                  " has shards of a study that was submitted, and its plan.json is missing, "
                  "without which they are of no use. Put it back from a copy, or move the "
                  "folder away to compute all anew.");
}

void check_trajectories_apart(const study::Study& study, const work::ResultsFolder& results) {
  const std::filesystem::path own = std::filesystem::absolute(results.folder).lexically_normal();
  for (const study::Configuration& run : study.runs) {
    if (!study::makes_trajectories(run)) continue;
    const std::filesystem::path set = (beside(results) / *study::trajectories_of(run)).lexically_normal();
    if (set == own)
      throw Error(ErrorKind::config,
                  "task.trajectories = \"" + *study::trajectories_of(run) +
                      "\": the trajectories would be collected into " + own.string() +
                      ", which is the folder of the results. Give another name, or --out.");
  }
}

}  // namespace crosstalk::cli
