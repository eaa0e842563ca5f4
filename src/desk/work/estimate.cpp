#include "work/estimate.hpp"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <numeric>
#include <queue>
#include <set>
#include <thread>

namespace crosstalk::work {
namespace {

constexpr double constant = 4e5;  // of an update, as multiply-adds: what calls and random numbers cost
constexpr double episode = 20;    // steps of a windowed episode, at most

double number(const study::Configuration& run, const char* key, double otherwise) {
  const auto value = run.values.find(key);
  return value != run.values.end() && value->second.is_number() ? value->second.get<double>() : otherwise;
}

bool is(const study::Configuration& run, const char* key, const char* word) {
  const auto value = run.values.find(key);
  return value != run.values.end() && value->second == word;
}

/// At 0, every, 2 x every, ... and at the end.
double measurements(const study::Configuration& run, double updates, double every) {
  return std::ceil(updates / std::max(1.0, number(run, "probe.every", every))) + 1;
}

/// Multiply-adds of one sample's forward pass.
double forward(const study::Configuration& run, const std::vector<std::int64_t>& input) {
  const double h = number(run, "network.hidden", 32), depth = number(run, "network.depth", 1);
  const auto layers = run.values.find("network.layers");
  const bool own = layers != run.values.end() && layers->second.is_array() && !layers->second.empty();
  if (own) return 1e6;
  if (input.size() == 3) {
    const double side =
        static_cast<double>(input.back()) / 32;  // the feature maps of a 32 x 32 image: 14, 12, 10
    const double first =
        is(run, "task.kind", "windowed") ? 100 : 75;  // 5 x 5 and as many channels as there are
    return side * side * (first * h * 196 + 18 * h * h * 144 + 72 * h * h * 100 + depth * 144 * h * h * 100) +
           400 * h * h * number(run, "network.head", 1);
  }
  const double features = input.empty() ? 10 : static_cast<double>(input.front());
  return features * h + depth * h * h + 10 * h;
}

/// Steps of an exact environment's episode, as long as one is that wanders about.
double wandering(const study::Configuration& run) {
  if (is(run, "task.environment", "random-walk"))
    return std::pow((number(run, "task.states", 19) + 1) / 2, 2);
  return 4 * number(run, "task.states", number(run, "task.width", 5) * number(run, "task.height", 5));
}

/// A run that counts its episodes too ends after so many, and may be measured by them.
void end_with_episodes(const study::Configuration& run, Work& work) {
  const double episodes = number(run, "learner.episodes", 0);
  if (episodes > 0) work.updates = std::min(work.updates, episodes * wandering(run));
  const double lasting = is(run, "probe.unit", "episodes") ? work.updates / wandering(run) : work.updates;
  work.probes = measurements(run, lasting, 50);
}

/// A step acts (one pass at batch 1) and bears its share of an update: five passes a sample for learners of
/// values (the learner's and the target's outputs, the best next action, backward), three for reinforce.
Work agent_work(const study::Configuration& run, double pass, double pairs) {
  Work work;
  work.updates = number(run, "learner.steps", 2e5);
  work.probes = measurements(run, work.updates, 1e4);
  double learning = 3 * pass;
  if (!is(run, "learner.algorithm", "reinforce")) {
    const double learned = std::max(0.0, work.updates - number(run, "learner.start", 5000));
    const double updates = learned / std::max(1.0, number(run, "learner.update-every", 2));
    learning = updates / work.updates * (constant + 5 * pass * number(run, "learner.batch", 128));
  }
  work.per_update = constant + pass + learning;
  work.per_probe = constant + 2 * episode * number(run, "probe.episodes", 128) * pass + pairs;
  return work;
}

}  // namespace

Work work_of(const study::Configuration& run, const Datasets& datasets) {
  std::vector<std::int64_t> input;
  double train = number(run, "task.examples", 1e4), test = 0;
  if (const Json* dataset = data_of(run, datasets)) {
    if (dataset->contains("input_shape")) input = dataset->at("input_shape").get<std::vector<std::int64_t>>();
    train = number(run, "task.examples", dataset->value("train_rows", 1e4));
    test = dataset->value("test_rows", 0.0);
  }
  const double pass = forward(run, input), samples = number(run, "probe.samples", 128);
  const double pairs = 2 * samples * (8 * pass + samples * 100);
  if (is(run, "task.kind", "windowed")) return agent_work(run, pass, pairs);
  if (is(run, "task.kind", "control")) {
    Work work = agent_work(run, pass, pairs);
    end_with_episodes(run, work);
    return work;
  }
  Work work;
  work.updates = number(run, "learner.updates", 1000);
  if (is(run, "task.kind", "evaluate")) {
    end_with_episodes(run, work);
    work.per_update = constant + 3 * pass;
    work.per_probe = constant + pairs;
    return work;
  }
  work.probes = measurements(run, work.updates, 50);
  work.per_update = constant + 3 * pass * number(run, "learner.batch", 32);
  work.per_probe = constant + pass * (train + test) + pairs;
  return work;
}

std::vector<study::Configuration> representatives(const std::vector<study::Configuration>& runs,
                                                  const Datasets& datasets, std::size_t count) {
  std::vector<std::pair<double, std::size_t>> sizes;
  std::set<double> seen;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const double size = work_of(runs[i], datasets).total();
    if (seen.insert(size).second) sizes.emplace_back(size, i);
  }
  std::sort(sizes.begin(), sizes.end());
  std::set<std::size_t> chosen;
  for (std::size_t i = 0; i < count && !sizes.empty(); ++i) {
    chosen.insert(count == 1 ? sizes.size() / 2 : i * (sizes.size() - 1) / (count - 1));
  }
  std::vector<study::Configuration> some;
  for (const std::size_t at : chosen) some.push_back(runs[sizes[at].second]);
  return some;
}

std::vector<double> estimate(const std::vector<study::Configuration>& runs, const Datasets& datasets,
                             const std::vector<study::Configuration>& timed,
                             const std::vector<Timing>& timings) {
  std::vector<std::pair<double, double>> speeds;  // log of the work, seconds a unit of work
  for (const Timing& timing : timings) {
    const auto run =
        std::find_if(timed.begin(), timed.end(), [&](const auto& each) { return each.run == timing.run; });
    if (run == timed.end() || !timing.message.empty()) continue;
    const Work work = work_of(*run, datasets);
    const double seconds = work.updates * timing.update_seconds + work.probes * timing.probe_seconds;
    speeds.emplace_back(std::log(work.total()), seconds / work.total());
  }
  std::sort(speeds.begin(), speeds.end());
  std::vector<double> seconds;
  for (const study::Configuration& run : runs) {
    const double total = work_of(run, datasets).total(), place = std::log(total);
    if (speeds.empty()) {
      seconds.push_back(0);
      continue;
    }
    const auto above = std::lower_bound(speeds.begin(), speeds.end(), std::pair(place, 0.0));
    double speed = above == speeds.end() ? speeds.back().second : above->second;
    if (above != speeds.end() && above != speeds.begin()) {
      const auto below = above - 1;
      const double part = (place - below->first) / std::max(1e-9, above->first - below->first);
      speed = below->second + part * (above->second - below->second);
    }
    seconds.push_back(total * speed);
  }
  return seconds;
}

double elapsed(std::vector<double> seconds, int jobs) {
  std::sort(seconds.begin(), seconds.end(), std::greater<>());
  std::priority_queue<double, std::vector<double>, std::greater<>> free;
  for (int i = 0; i < std::max(1, jobs); ++i) free.push(0);
  double end = 0;
  for (const double each : seconds) {
    const double begun = free.top();
    free.pop();
    free.push(begun + each);
    end = std::max(end, begun + each);
  }
  return end;
}

int jobs_for(std::size_t runs, int asked) {
  const std::size_t jobs = static_cast<std::size_t>(asked > 0 ? asked : physical_cores());
  return static_cast<int>(std::clamp<std::size_t>(runs, 1, jobs));
}

int physical_cores() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0)
    return std::max(1u, std::thread::hardware_concurrency());
  std::set<std::string> cores;
  for (int i = 0; i < CPU_SETSIZE; ++i) {
    if (!CPU_ISSET(i, &allowed)) continue;
    const std::string topology = "/sys/devices/system/cpu/cpu" + std::to_string(i) + "/topology/";
    std::string package, core;
    std::ifstream(topology + "physical_package_id") >> package;
    std::ifstream(topology + "core_id") >> core;
    if (core.empty()) return std::max(1, CPU_COUNT(&allowed));  // no /sys here: count processors
    cores.insert(package + ':' + core);
  }
  return std::max<int>(1, static_cast<int>(cores.size()));
}

}  // namespace crosstalk::work
