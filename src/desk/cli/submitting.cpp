#include "cli/submitting.hpp"

#include <algorithm>
#include <map>

#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/console.hpp"
#include "cli/sampled_trajectories.hpp"
#include "cli/sizes.hpp"
#include "cluster/packing.hpp"
#include "study/behaviour.hpp"
#include "study/load.hpp"
#include "study/own_class.hpp"
#include "work/networks.hpp"

namespace crosstalk::cli {
namespace {

constexpr std::size_t shown_of_failure = 600;
constexpr double fair_seconds =
    3600;  // of a task: long beside its start, short beside what a dead node costs

int threads_of(const study::Configuration& run) { return run.values.at("runtime.threads").get<int>(); }

int most_threads(const std::vector<study::Configuration>& runs) {
  int most = 1;
  for (const study::Configuration& run : runs) most = std::max(most, threads_of(run));
  return most;
}

bool is_on_gpu(const study::Configuration& run) { return run.values.at("runtime.device") != "cpu"; }

/// What is known of the runs before they are packed.
struct Costs {
  std::vector<double> seconds;  // of each run
  cluster::Stopping stopping;
  Sizes sizes;  // of all of them
};

/// The runs that stopping may take longest for: the longest, and that of the largest network.
std::vector<work::Assignment> slow_to_stop(const Forecast& forecast, const work::Datasets& datasets) {
  const std::vector<study::Configuration>& runs = forecast.runs;
  const auto parameters = [&](const study::Configuration& run) {
    const auto network = forecast.networks.find(work::network_key(run));
    return network == forecast.networks.end() ? std::int64_t{0} : network->second.parameters;
  };
  std::size_t longest = 0, largest = 0;
  std::map<const study::KeyValues::Map*, std::int64_t> known;
  std::int64_t most = -1;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (forecast.seconds[i] > forecast.seconds[longest]) longest = i;
    const study::KeyValues::Map& values = runs[i].values;
    const auto [entry, is_new] = known.try_emplace(&values, 0);
    if (is_new) entry->second = parameters(runs[i]);
    if (entry->second > most) {
      most = entry->second;
      largest = i;
    }
  }
  std::vector<work::Assignment> some{work::assignment(runs[longest], datasets, "")};
  if (largest != longest) some.push_back(work::assignment(runs[largest], datasets, ""));
  return some;
}

cluster::Stopping stopping_of(const std::vector<work::Answer>& timings, int jobs) {
  cluster::Stopping stopping{.jobs = jobs};
  for (const work::Answer& timing : timings) {
    stopping.step_seconds = std::max(stopping.step_seconds, timing.update_seconds + timing.probe_seconds);
    if (!timing.checkpoint) continue;
    stopping.checkpoint_seconds = std::max(stopping.checkpoint_seconds, timing.checkpoint->seconds);
    stopping.checkpoint_bytes = std::max(stopping.checkpoint_bytes, timing.checkpoint->bytes);
  }
  return stopping;
}

/// Of all runs, by the one that was timed and leaves most: runs of a study measure the same.
Sizes sum_of_sizes(const std::vector<study::Configuration>& runs, const work::Datasets& datasets,
                   const std::vector<work::Answer>& timings) {
  const auto larger = [](const work::Answer& a, const work::Answer& b) { return a.row_bytes < b.row_bytes; };
  const auto largest = std::max_element(timings.begin(), timings.end(), larger);
  std::map<const study::KeyValues::Map*, Sizes> known;
  Sizes sum;
  for (const study::Configuration& run : runs) {
    const study::KeyValues::Map& values = run.values;
    const auto [entry, is_new] = known.try_emplace(&values);
    if (is_new && largest != timings.end())
      entry->second = sizes_of(run, *largest, work::work_of(run, datasets, {}), datasets);
    sum.stored += entry->second.stored;
    sum.kept += entry->second.kept;
  }
  return sum;
}

/// Measured on this machine.
Costs measured(const study::Study& study, const Timeable& timed, const DataPlaces& places, int jobs,
               const Context& context, const work::Interrupts& interrupts) {
  const auto runs = std::ssize(timed.runs);
  remark(runs == 1 ? "timing the run on this machine ..."
                   : "timing a few of the " + with_commas(runs) + " runs on this machine ...");
  Scratch scratch;
  Remarks remarks;
  work::Coordinator coordinator(
      scratch.store(),
      {.worker = worker_command(context),
       .logs = scratch.folder(),
       .jobs = 1,
       .data_again = data_again(study, timed.runs, timed.datasets, places, context, interrupts)},
      remarks, &interrupts);
  const Forecast ahead = forecast(coordinator, timed.runs, timed.datasets, 1);
  const std::vector<work::Answer> timings = coordinator.time(slow_to_stop(ahead, timed.datasets));
  if (interrupts.count() > 0) throw work::Interrupted{interrupts.signal()};
  for (const work::Answer& timing : timings)
    if (!timing.message.empty())
      throw Error(ErrorKind::environment,
                  "a run that is timed fails: " + shortened(timing.message, shown_of_failure));
  return {ahead.seconds, stopping_of(timings, jobs), sum_of_sizes(timed.runs, timed.datasets, timings)};
}

/// The same where the user packs: then a machine that cannot measure, as a login node without a GPU, is no
/// hindrance.
Costs costs_of(const SubmitOptions& options, const study::Study& study, const Timeable& timed,
               const DataPlaces& places, int jobs, const Context& context,
               const work::Interrupts& interrupts) {
  try {
    return measured(study, timed, places, jobs, context, interrupts);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::environment) throw;
    if (options.runs_per_task == 0)
      throw Error(error.kind(),
                  std::string(error.what()) +
                      "\nSo the cost of a run cannot be measured here. Give --runs-per-task N to say "
                      "yourself how many runs a task has.");
    remark("note: " + std::string(error.what()) +
           "\nThe cost of a run is not known: tasks have --runs-per-task " +
           std::to_string(options.runs_per_task) + " runs");
    return {std::vector<double>(timed.runs.size(), 0), {.step_seconds = 15, .jobs = jobs}, {}};
  }
}

/// What a run shares with others of its task: the agent whose steps it learns from is made once in a folder.
std::string shared_by(const study::Configuration& run) {
  const auto agent = study::agent_behind(run);
  return agent ? std::to_string(run.seed) + ' ' + Json(*agent).dump() : "";
}

/// Data sets that were there when the study was submitted: samples are none of them.
Json lasting(const work::Datasets& datasets, const std::vector<study::Configuration>& runs) {
  Json data = Json::object();
  for (const study::Configuration& run : runs)
    if (const auto found = datasets.find(work::data_key(run)); found != datasets.end())
      data[found->first] = found->second;
  return data;
}

}  // namespace

void check_options(const SubmitOptions& options, const std::vector<study::Configuration>& runs) {
  const cluster::Resources& asked = options.resources;
  if (const int threads = most_threads(runs); asked.cpus < threads)
    throw Error(ErrorKind::config, "--cpus " + std::to_string(asked.cpus) +
                                       ": a run has runtime.threads = " + std::to_string(threads) +
                                       ". Give at least --cpus " + std::to_string(threads) + '.');
  const bool any = std::any_of(runs.begin(), runs.end(), is_on_gpu);
  if (any && asked.gpus == 0)
    throw Error(ErrorKind::config, "runtime.device = \"cuda\": the runs need a GPU. Give --gpus 1.");
  if (!any && asked.gpus > 0)
    throw Error(ErrorKind::config,
                "--gpus " + std::to_string(asked.gpus) +
                    ": no run of this study uses a GPU. Leave --gpus out, or give --device cuda.");
}

Planned plan_of(const SubmitOptions& options, const Source& source, const work::ResultsFolder& results,
                const Bounds& bounds, std::set<std::string> over, const std::string& made,
                const Context& context, const work::Interrupts& interrupts) {
  const study::Study& study = source.study;
  std::vector<study::Configuration> runs;
  std::vector<std::size_t> place_of;  // of each of these in the study
  for (std::size_t place = 0; place < study.runs.size(); ++place) {
    if (over.contains(study.runs[place].run)) continue;
    runs.push_back(study.runs[place]);
    place_of.push_back(place);
  }
  const DataPlaces places{options.run.data, beside(results)};
  const int jobs = std::max(1, options.resources.cpus / most_threads(runs));
  const TemporaryFolder scratch;
  const Timeable timed = timeable(study, runs, places, scratch.path(), context, interrupts);
  work::check_networks(timed.runs, timed.datasets);
  const Costs costs = costs_of(options, study, timed, places, jobs, context, interrupts);
  cluster::Wish wish{
      .seconds = fair_seconds, .jobs = jobs, .most_tasks = bounds.most_tasks, .runs = options.runs_per_task};
  if (!bounds.time.empty()) {
    cluster::check_time_limit(bounds.time, costs.stopping);
    if (const auto limit = cluster::seconds_of(bounds.time); limit && *limit > 0)
      wish.seconds = std::min(wish.seconds, static_cast<double>(*limit) / 2);
  }
  std::vector<cluster::Packed> packed;
  for (std::size_t i = 0; i < runs.size(); ++i)
    packed.push_back({place_of[i], costs.seconds[i], shared_by(runs[i])});
  cluster::Plan plan{.crosstalk = CROSSTALK_VERSION,
                     .study = study::to_json(study),
                     .data = lasting(timed.datasets, runs),
                     .data_folder = options.run.data.empty() ? Json() : Json(whole_path(options.run.data)),
                     .tasks = cluster::pack(packed, wish),
                     .jobs = jobs,
                     .checkpoint_seconds = options.run.checkpoint_seconds,
                     .makes_trajectories = timed.is_sampled,
                     .resources = options.resources,
                     .over = std::move(over)};
  for (const study::Configuration& run : study.runs) plan.runs.push_back(run.run);
  plan.resources.signal_seconds = cluster::signal_seconds(costs.stopping);
  plan.id = cluster::id_of(plan, made);
  return {std::move(plan), costs.sizes.stored, costs.sizes.kept};
}

}  // namespace crosstalk::cli
