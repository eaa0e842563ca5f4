#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "cli/console.hpp"
#include "cli/session.hpp"
#include "store/export.hpp"
#include "work/estimate.hpp"
#include "work/results.hpp"

namespace crosstalk::cli {
namespace {

constexpr double stored_bytes_a_run = 4000;  // its record and configuration

/// Runs that differ in nothing but the seed take the same time: the first stands for all.
struct Distinct {
  study::Configuration first;
  int runs = 0;
  work::Timing timing;
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
  void passed() override {
    if (!is_terminal(1)) return;
    print_if_heard("\r\033[Ktiming configurations ...");
    shown_ = true;
  }
  void close() {
    if (shown_) print_if_heard("\r\033[K");
  }

 private:
  bool shown_ = false;
};

/// Fills in each kind's timing.
void time(std::vector<Distinct>& kinds, const RunOptions& options, const work::Datasets& datasets,
          const Context& context, const work::Interrupts& interrupts) {
  Scratch scratch;
  Counter counter;
  work::Coordinator coordinator(scratch.store(),
                                {.worker = worker_command(context), .logs = scratch.folder(), .jobs = 1},
                                counter, &interrupts);
  std::vector<work::Task> tasks;
  for (const Distinct& kind : kinds) {
    tasks.push_back(work::task(kind.first, datasets, ""));
    if (options.debug) tasks.back().fields["debug"] = true;
  }
  const std::vector<work::Timing> timings = coordinator.time(tasks);
  counter.close();
  if (interrupts.count() > 0) throw work::Interrupted{interrupts.signal()};
  for (const work::Timing& timing : timings) {
    if (timing.nowhere) throw Error(ErrorKind::environment, timing.message);
    const auto kind = std::find_if(kinds.begin(), kinds.end(),
                                   [&](const Distinct& each) { return each.first.run == timing.run; });
    kind->timing = timing;
  }
}

std::string milliseconds(double seconds) {
  char text[32];
  return std::string(text,
                     static_cast<std::size_t>(std::snprintf(text, sizeof text, "%.3g", 1000 * seconds)));
}

std::string swept_value(const Distinct& kind, const std::string& key) {
  const auto value = kind.first.values.find(key);
  return value == kind.first.values.end() ? "" : store::csv_value(value->second);
}

double seconds_of(const Distinct& kind, const work::Work& work) {
  return work.updates * kind.timing.update_seconds + work.probes * kind.timing.probe_seconds;
}

/// The table, and below it what all runs take together.
void print_times(const study::Study& study, const std::vector<Distinct>& kinds,
                 const work::Datasets& datasets, int jobs) {
  const bool checkpoints = std::any_of(
      kinds.begin(), kinds.end(), [](const Distinct& kind) { return kind.timing.checkpoint.has_value(); });
  std::vector<std::vector<std::string>> lines{{"experiment"}};
  const auto add = [&](const std::vector<std::string>& cells) {
    lines.back().insert(lines.back().end(), cells.begin(), cells.end());
  };
  add(study.swept);
  const auto is_agent = [](const Distinct& kind) {
    return kind.first.values.at("task.kind").get<std::string>() == "windowed";
  };
  const auto agents = std::count_if(kinds.begin(), kinds.end(), is_agent);
  add({"runs",
       agents == 0                   ? "update ms"
       : agents == std::ssize(kinds) ? "step ms"
                                     : "update or step ms",
       "probe ms"});
  if (checkpoints) add({"checkpoint", "checkpoint ms"});
  add({"a run", "all"});
  std::vector<double> seconds;
  double bytes = 0, all = 0, largest_checkpoint = 0;
  for (const Distinct& kind : kinds) {
    const work::Work work = work::work_of(kind.first, datasets);
    const double each = seconds_of(kind, work);
    seconds.insert(seconds.end(), static_cast<std::size_t>(kind.runs), each);
    all += each * kind.runs;
    bytes += kind.runs * (stored_bytes_a_run + work.probes * kind.timing.row_bytes);
    lines.push_back({kind.first.experiment});
    for (const std::string& key : study.swept) add({swept_value(kind, key)});
    add({std::to_string(kind.runs), milliseconds(kind.timing.update_seconds),
         milliseconds(kind.timing.probe_seconds)});
    if (const auto& checkpoint = kind.timing.checkpoint) {
      largest_checkpoint = std::max(largest_checkpoint, checkpoint->bytes);
      add({size(checkpoint->bytes), milliseconds(checkpoint->seconds)});
    } else if (checkpoints) {
      add({"", ""});
    }
    add({duration(each), duration(each * kind.runs)});
  }
  print(aligned(lines));
  print("\n" + with_commas(static_cast<long long>(study.runs.size())) + " runs of " +
        std::to_string(kinds.size()) + " configurations: " + duration(all) + " of work, about " +
        duration(work::elapsed(seconds, jobs)) + " with --jobs " + std::to_string(jobs) + ", " + size(bytes) +
        " on disk" +
        (checkpoints ? ", and up to " + size(jobs * largest_checkpoint) + " of checkpoints while they run"
                     : std::string()) +
        "\n");
}

/// Each configuration's layers, a line each, below the values in which it differs from the others.
void print_methods(const study::Study& study, const std::vector<Distinct>& kinds) {
  print("\nHow a probe's Gram is computed, layer by layer (predicted):\n");
  for (const Distinct& kind : kinds) {
    std::string heading = kind.first.experiment;
    for (const std::string& key : study.swept) heading += ", " + key + " = " + swept_value(kind, key);
    print(heading + "\n");
    std::istringstream methods(kind.timing.methods.empty() ? "the worker did not say" : kind.timing.methods);
    for (std::string line; std::getline(methods, line);) print("  " + line + "\n");
  }
}

}  // namespace

void print_plan(const Source& source, const RunOptions& options, const Context& context,
                const work::Interrupts& interrupts) {
  const study::Study& study = source.study;
  const work::Datasets datasets = prepare(study, study.runs, options.data, context, interrupts);
  std::vector<Distinct> kinds = distinct(study.runs);
  time(kinds, options, datasets, context, interrupts);
  print_times(study, kinds, datasets, options.jobs > 0 ? options.jobs : work::physical_cores());
  if (options.debug) print_methods(study, kinds);
  for (const Distinct& kind : kinds) {
    if (!kind.timing.message.empty()) remark("note: " + kind.timing.message);
  }
}

}  // namespace crosstalk::cli
