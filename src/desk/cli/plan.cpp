#include <algorithm>
#include <map>
#include <numeric>
#include <sstream>

#include "cli/console.hpp"
#include "cli/session.hpp"
#include "cli/sizes.hpp"
#include "store/export.hpp"
#include "work/estimate.hpp"

namespace crosstalk::cli {
namespace {

/// Runs that differ in nothing but the seed take the same time: the first stands for all.
struct Distinct {
  study::Configuration first;
  int runs = 0;
  work::Answer timing;
};

std::vector<Distinct> distinct(const std::vector<study::Configuration>& runs) {
  std::vector<Distinct> kinds;
  std::map<std::string, std::size_t> places;
  for (const study::Configuration& run : runs) {
    const auto [place, is_new] = places.emplace(Json(run.values).dump(), kinds.size());
    if (is_new) kinds.push_back({run, 0, {}});
    ++kinds[place->second].runs;
  }
  return kinds;
}

/// Tells how far the timing is, on a terminal.
class Counter : public work::Watcher {
 public:
  void said(const std::string& what) override {
    close();
    remark(what);
  }
  void passed() override {
    if (!is_terminal(1)) return;
    print_if_heard("\r\033[Ktiming configurations ...");
    shown_ = true;
  }
  void close() {
    if (shown_) print_if_heard("\r\033[K");
    shown_ = false;
  }

 private:
  bool shown_ = false;
};

/// Fills in each kind's timing.
void time(std::vector<Distinct>& kinds, const study::Study& study, const RunOptions& options,
          const DataPlaces& places, const work::Datasets& datasets, const Context& context,
          const work::Interrupts& interrupts) {
  Scratch scratch;
  Counter counter;
  work::Coordinator coordinator(
      scratch.store(),
      {.worker = worker_command(context),
       .logs = scratch.folder(),
       .jobs = 1,
       .data_again = data_again(study, study.runs, datasets, places, context, interrupts)},
      counter, &interrupts);
  std::vector<work::Assignment> assignments;
  for (const Distinct& kind : kinds) {
    assignments.push_back(work::assignment(kind.first, datasets, ""));
    if (options.debug) assignments.back().fields["debug"] = true;
  }
  const std::vector<work::Answer> timings = coordinator.time(assignments);
  counter.close();
  if (interrupts.count() > 0) throw work::Interrupted{interrupts.signal()};
  for (const work::Answer& timing : timings) {
    if (timing.nowhere) throw Error(ErrorKind::environment, timing.message);
    const auto kind = std::find_if(kinds.begin(), kinds.end(),
                                   [&](const Distinct& each) { return each.first.run == timing.run; });
    kind->timing = timing;
  }
}

std::string milliseconds(double seconds) { return significant(1000 * seconds); }

std::string swept_value(const Distinct& kind, const std::string& key) {
  const auto value = kind.first.values.find(key);
  return value == kind.first.values.end() ? "" : store::csv_value(value->second);
}

double seconds_of(const Distinct& kind, const work::Work& work) {
  return work.updates * kind.timing.update_seconds + work.probes * kind.timing.probe_seconds;
}

/// What all runs take together; `untimed` of them are in none of the sums.
struct Sums {
  std::vector<double> seconds;
  double bytes = 0, kept = 0, largest_checkpoint = 0;
  int untimed = 0;
};

std::vector<std::string> heading(const study::Study& study, const std::vector<Distinct>& kinds,
                                 bool checkpoints) {
  const auto agents = std::count_if(kinds.begin(), kinds.end(),
                                    [](const Distinct& kind) { return work::counts_steps(kind.first); });
  std::vector<std::string> cells{"experiment"};
  cells.insert(cells.end(), study.swept.begin(), study.swept.end());
  cells.insert(cells.end(), {"runs",
                             agents == 0                   ? "update ms"
                             : agents == std::ssize(kinds) ? "step ms"
                                                           : "update or step ms",
                             "probe ms"});
  if (checkpoints) cells.insert(cells.end(), {"checkpoint", "checkpoint ms"});
  cells.insert(cells.end(), {"a run", "all"});
  return cells;
}

/// A configuration's line, with "?" where it could not be timed; adds to the sums.
std::vector<std::string> line(const study::Study& study, const Distinct& kind, const work::Work& work,
                              const work::Datasets& datasets, bool checkpoints, Sums& sums) {
  std::vector<std::string> cells{kind.first.experiment};
  for (const std::string& key : study.swept) cells.push_back(swept_value(kind, key));
  cells.push_back(std::to_string(kind.runs));
  if (!kind.timing.message.empty()) {
    sums.untimed += kind.runs;
    cells.insert(cells.end(), checkpoints ? 6 : 4, "?");
    return cells;
  }
  const double each = seconds_of(kind, work);
  sums.seconds.insert(sums.seconds.end(), static_cast<std::size_t>(kind.runs), each);
  const Sizes sizes = sizes_of(kind.first, kind.timing, work, datasets);
  sums.bytes += kind.runs * sizes.stored;
  sums.kept += kind.runs * sizes.kept;
  cells.insert(cells.end(),
               {milliseconds(kind.timing.update_seconds), milliseconds(kind.timing.probe_seconds)});
  if (const auto& checkpoint = kind.timing.checkpoint) {
    sums.largest_checkpoint = std::max(sums.largest_checkpoint, checkpoint->bytes);
    cells.insert(cells.end(), {size(checkpoint->bytes), milliseconds(checkpoint->seconds)});
  } else if (checkpoints) {
    cells.insert(cells.end(), 2, "?");
  }
  cells.insert(cells.end(), {duration(each), duration(each * kind.runs)});
  return cells;
}

/// The table, and below it what all runs take together.
void print_times(const study::Study& study, const std::vector<Distinct>& kinds,
                 const work::Datasets& datasets, int jobs) {
  const bool checkpoints = std::any_of(
      kinds.begin(), kinds.end(), [](const Distinct& kind) { return kind.timing.checkpoint.has_value(); });
  Sums sums;
  std::vector<std::vector<std::string>> lines{heading(study, kinds, checkpoints)};
  for (const Distinct& kind : kinds) {
    lines.push_back(line(study, kind, work::work_of(kind.first, datasets, {}), datasets, checkpoints, sums));
  }
  say(aligned(lines));
  std::string text = "\n" + with_commas(static_cast<long long>(study.runs.size())) +
                     (study.runs.size() == 1 ? " run of " : " runs of ") + std::to_string(kinds.size()) +
                     (kinds.size() == 1 ? " configuration: " : " configurations: ") +
                     duration(std::accumulate(sums.seconds.begin(), sums.seconds.end(), 0.0)) +
                     " of work, about " + duration(work::elapsed(sums.seconds, jobs)) + " with --jobs " +
                     std::to_string(jobs) + ", " + size(sums.bytes) + " on disk";
  if (sums.kept > 0) text += ", " + size(sums.kept) + " of parameters and samples that are kept";
  if (checkpoints)
    text += ", and up to " + size(jobs * sums.largest_checkpoint) + " of checkpoints while they run";
  if (sums.untimed > 0)
    text += "\nWithout the " + with_commas(sums.untimed) +
            " runs that could not be timed (?), whose time is unknown";
  if (std::ranges::any_of(study.runs, study::may_end_early))
    text += "\nThese are the times of whole runs: those with probe.until may end before";
  say(text + "\n");
}

/// Each configuration's layers, a line each, below the values in which it differs from the others.
void print_methods(const study::Study& study, const std::vector<Distinct>& kinds) {
  say("\nHow a probe's Gram is computed, layer by layer (predicted):\n");
  for (const Distinct& kind : kinds) {
    std::string name = kind.first.experiment;
    for (const std::string& key : study.swept) name += ", " + key + " = " + swept_value(kind, key);
    say(name + "\n");
    std::istringstream methods(kind.timing.methods.empty() ? "the worker did not say" : kind.timing.methods);
    for (std::string line; std::getline(methods, line);) say("  " + line + "\n");
  }
}

}  // namespace

void print_plan(const Source& source, const RunOptions& options, const Context& context,
                const work::Interrupts& interrupts) {
  const study::Study& study = source.study;
  const DataPlaces places{options.data, beside(results_folder(source, options))};
  const work::Datasets datasets = prepare(study, study.runs, places, context, interrupts);
  std::vector<Distinct> kinds = distinct(study.runs);
  time(kinds, study, options, places, datasets, context, interrupts);
  if (std::all_of(kinds.begin(), kinds.end(), [](const Distinct& kind) { return kind.timing.refused; }))
    throw Error(ErrorKind::config, kinds.front().timing.message);
  print_times(study, kinds, datasets, work::jobs_for(study.runs.size(), options.jobs));
  if (options.debug) print_methods(study, kinds);
  for (const Distinct& kind : kinds) {
    if (!kind.timing.message.empty()) remark("note: " + kind.timing.message);
  }
}

}  // namespace crosstalk::cli
