#include "work/estimate.hpp"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <numeric>
#include <queue>
#include <set>
#include <thread>

#include "base/error.hpp"
#include "base/vocabulary.hpp"
#include "study/behaviour.hpp"
#include "study/own_class.hpp"
#include "work/results_folder.hpp"

namespace crosstalk::work {
namespace {

constexpr double constant = 4e5;  // of an update, as multiply-adds: what calls and random numbers cost
constexpr double episode = 20;    // steps of a windowed episode, at most

double number(const study::Configuration& run, const char* key, double otherwise) {
  const auto value = run.values.find(key);
  return value != run.values.end() && value->second.is_number() ? value->second.get<double>() : otherwise;
}

template <class Meaning, std::size_t n>
std::optional<Meaning> word(const study::Configuration& run, const char* key,
                            const Vocabulary<Meaning, n>& table) {
  const auto value = run.values.find(key);
  if (value == run.values.end() || !value->second.is_string()) return std::nullopt;
  return meaning(table, value->second.get_ref<const std::string&>());
}

/// Keys that leave the network as it is: how much there is to learn from, how long and how fast, what is
/// measured, and on what machine.
bool leaves_the_network(const std::string& key, const Json& value) {
  return key == "task.examples" || key == "task.subset" || key.starts_with("probe.") ||
         key.starts_with("runtime.") || (key.starts_with("learner.") && value.is_number());
}

const void* place_of(const study::KeyValues::Map& values) { return &values; }

/// At 0, every, 2 x every, ... and at the end.
double measurements(const study::Configuration& run, double updates, double every) {
  return std::ceil(updates / std::max(1.0, number(run, "probe.every", every))) + 1;
}

/// Steps of an exact environment's episode, as long as one is that wanders about.
double wandering(const study::Configuration& run) {
  const auto environment = run.values.find("task.environment");
  const bool walks = environment != run.values.end() && environment->second == "random-walk";
  if (walks) return std::pow((number(run, "task.states", 19) + 1) / 2, 2);
  return 4 * number(run, "task.states", number(run, "task.width", 5) * number(run, "task.height", 5));
}

/// A run in an exact environment may end after so many episodes too, and be measured by them.
void end_with_episodes(const study::Configuration& run, Work& work) {
  const double episodes = number(run, "learner.episodes", 0);
  if (episodes > 0) work.updates = std::min(work.updates, episodes * wandering(run));
  const bool by_episodes = word(run, "probe.unit", units) == Unit::episodes;
  work.probes = measurements(run, by_episodes ? work.updates / wandering(run) : work.updates, 50);
}

/// A step acts (one pass at batch 1) and bears its share of an update: five passes a sample for learners of
/// values (the learner's and the target's outputs, the best next action, backward), three for reinforce. pqn
/// makes three passes at each step learner.epochs times, and one for the returns.
Work acting_work(const study::Configuration& run, double pass, double pairs) {
  Work work;
  work.updates = number(run, "learner.steps", 2e5);
  work.probes = measurements(run, work.updates, 1e4);
  double learning = 3 * pass;
  if (run.values.at("learner.algorithm") == "pqn") {
    const double epochs = number(run, "learner.epochs", 2);
    learning = pass + epochs * (3 * pass + constant / number(run, "learner.batch", 32));
  } else if (run.values.at("learner.algorithm") != "reinforce") {
    const double learned = std::max(0.0, work.updates - number(run, "learner.start", 5000));
    const double updates = learned / std::max(1.0, number(run, "learner.update-every", 2));
    learning = updates / work.updates * (constant + 5 * pass * number(run, "learner.batch", 128));
  }
  work.per_update = constant + pass + learning;
  work.per_probe = constant + 2 * episode * number(run, "probe.episodes", 128) * pass + pairs;
  return work;
}

}  // namespace

std::string network_key(const study::Configuration& run) {
  std::string text;
  for (const auto& [key, value] : run.values) {
    if (!leaves_the_network(key, value)) text.append(key).append(1, '=').append(value.dump()).append(1, '\n');
  }
  return text;
}

Networks describe_networks(Coordinator& coordinator, const std::vector<study::Configuration>& runs,
                           const Datasets& datasets, Networks known) {
  std::map<std::string, std::string> keys;  // by the run that stands for them
  std::set<std::string> asked;
  std::vector<Assignment> assignments;
  std::set<const void*> looked_at;  // runs that differ in their seed alone share their values
  for (const study::Configuration& run : runs) {
    if (!looked_at.insert(place_of(run.values)).second) continue;
    std::string key = network_key(run);
    if (known.contains(key) || !asked.insert(key).second) continue;
    keys[run.run] = std::move(key);
    assignments.push_back(assignment(run, datasets, ""));
  }
  if (assignments.empty()) return known;
  for (const Answer& answer : coordinator.describe(assignments)) {
    if (answer.nowhere) throw Error(ErrorKind::environment, answer.message);
    if (answer.refused) throw Error(ErrorKind::config, answer.message);
    if (answer.message.empty()) known[keys.at(answer.run)] = answer.network;
  }
  return known;
}

bool counts_steps(const study::Configuration& run) {
  const auto kind = word(run, "task.kind", task_kinds);
  return kind == TaskKind::windowed || kind == TaskKind::control;
}

Work work_of(const study::Configuration& run, const Datasets& datasets, const Networks& networks) {
  double train = number(run, "task.examples", 1e4), test = 0;
  if (const Json* dataset = data_of(run, datasets)) {
    train = number(run, "task.examples", dataset->value("train_rows", 1e4));
    test = dataset->value("test_rows", 0.0);
  }
  const auto network = networks.find(network_key(run));
  const double pass = network == networks.end() ? 0 : static_cast<double>(network->second.multiply_adds);
  const double samples = number(run, "probe.samples", 128);
  const double pairs = 2 * samples * (8 * pass + samples * 100);
  const auto kind = word(run, "task.kind", task_kinds);
  Work work;
  if (counts_steps(run)) {
    work = acting_work(run, pass, pairs);
    if (study::agent_behind(run))
      work.updates *= 2;  // before its own, those of the agent whose steps it takes
    if (kind == TaskKind::control) end_with_episodes(run, work);
    return work;
  }
  work.updates = number(run, "learner.updates", 1000);
  if (study::trajectories_of(
          run)) {  // beside the network that learns its target may be asked, and then twice
    work.probes = measurements(run, work.updates, 1000);
    work.per_update = constant + 5 * pass * number(run, "learner.batch", 32);
    work.per_probe = constant + pairs;
    return work;
  }
  if (kind == TaskKind::evaluate) {
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

std::vector<double> totals(const std::vector<study::Configuration>& runs, const Datasets& datasets,
                           const Networks& networks) {
  std::map<const void*, double> known;
  std::vector<double> totals;
  for (const study::Configuration& run : runs) {
    const auto [entry, is_new] = known.try_emplace(place_of(run.values), 0);
    if (is_new) entry->second = work_of(run, datasets, networks).total();
    totals.push_back(entry->second);
  }
  return totals;
}

std::vector<study::Configuration> representatives(const std::vector<study::Configuration>& runs,
                                                  const Datasets& datasets, const Networks& networks,
                                                  std::size_t count) {
  std::vector<std::pair<double, std::size_t>> sizes;
  std::set<double> seen;
  const std::vector<double> all = totals(runs, datasets, networks);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (seen.insert(all[i]).second) sizes.emplace_back(all[i], i);
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
                             const Networks& networks, const std::vector<study::Configuration>& timed,
                             const std::vector<Answer>& timings) {
  std::vector<std::pair<double, double>> speeds;  // log of the work, seconds a unit of work
  for (const Answer& timing : timings) {
    const auto run =
        std::find_if(timed.begin(), timed.end(), [&](const auto& each) { return each.run == timing.run; });
    if (run == timed.end() || !timing.message.empty()) continue;
    const Work work = work_of(*run, datasets, networks);
    const double seconds = work.updates * timing.update_seconds + work.probes * timing.probe_seconds;
    speeds.emplace_back(std::log(work.total()), seconds / work.total());
  }
  std::sort(speeds.begin(), speeds.end());
  std::vector<double> seconds;
  for (const double total : totals(runs, datasets, networks)) {
    const double place = std::log(total);
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
