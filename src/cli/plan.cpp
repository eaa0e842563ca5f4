#include <algorithm>
#include <map>
#include <set>

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
};

std::vector<Distinct> distinct(const std::vector<study::Configuration>& runs) {
  std::vector<Distinct> kinds;
  std::map<std::string, std::size_t> places;
  for (const study::Configuration& run : runs) {
    const auto [place, is_new] = places.emplace(Json(run.values).dump(), kinds.size());
    if (is_new) kinds.push_back({run, 0});
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

std::string milliseconds(double seconds) {
  char text[32];
  return std::string(text,
                     static_cast<std::size_t>(std::snprintf(text, sizeof text, "%.3g", 1000 * seconds)));
}

}  // namespace

void print_plan(const Source& source, const RunOptions& options, const Context& context,
                const work::Interrupts& interrupts) {
  const study::Study& study = source.study;
  const work::Datasets datasets = prepare(study, study.runs, options.data, context, interrupts);
  const std::vector<Distinct> kinds = distinct(study.runs);
  Scratch scratch;
  Counter counter;
  work::Coordinator coordinator(scratch.store(),
                                {.worker = worker_command(context), .logs = scratch.folder(), .jobs = 1},
                                counter, &interrupts);
  std::vector<work::Task> tasks;
  for (const Distinct& kind : kinds) tasks.push_back(work::task(kind.first, datasets, ""));
  const std::vector<work::Timing> timings = coordinator.time(tasks);
  counter.close();
  if (interrupts.count() > 0) throw work::Interrupted{interrupts.signal()};

  std::vector<std::vector<std::string>> lines{{"experiment"}};
  lines[0].insert(lines[0].end(), study.swept.begin(), study.swept.end());
  for (const char* column : {"runs", "update ms", "probe ms", "a run", "all"}) lines[0].push_back(column);
  std::vector<double> seconds;
  double bytes = 0, all = 0;
  std::vector<std::string> failed;
  for (std::size_t i = 0; i < timings.size(); ++i) {
    const work::Timing& timing = timings[i];
    const auto kind = std::find_if(kinds.begin(), kinds.end(),
                                   [&](const Distinct& each) { return each.first.run == timing.run; });
    if (timing.nowhere) throw Error(ErrorKind::environment, timing.message);
    if (!timing.message.empty()) failed.push_back(timing.message);
    const work::Work work = work::work_of(kind->first, datasets);
    const double each = work.updates * timing.update_seconds + work.probes * timing.probe_seconds;
    seconds.insert(seconds.end(), static_cast<std::size_t>(kind->runs), each);
    all += each * kind->runs;
    bytes += kind->runs * (stored_bytes_a_run + work.probes * timing.row_bytes);
    std::vector<std::string> line{kind->first.experiment};
    for (const std::string& key : study.swept) {
      const auto value = kind->first.values.find(key);
      line.push_back(value == kind->first.values.end() ? "" : store::csv_value(value->second));
    }
    line.insert(line.end(),
                {std::to_string(kind->runs), milliseconds(timing.update_seconds),
                 milliseconds(timing.probe_seconds), duration(each), duration(each * kind->runs)});
    lines.push_back(std::move(line));
  }
  const int jobs = options.jobs > 0 ? options.jobs : work::physical_cores();
  print(aligned(lines));
  print("\n" + with_commas(static_cast<long long>(study.runs.size())) + " runs of " +
        std::to_string(kinds.size()) + " configurations: " + duration(all) + " of work, about " +
        duration(work::elapsed(seconds, jobs)) + " with --jobs " + std::to_string(jobs) + ", " + size(bytes) +
        " on disk\n");
  for (const std::string& message : failed) remark("note: " + message);
}

}  // namespace crosstalk::cli
