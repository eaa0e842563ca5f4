#include "figures/returns.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "figures/results.hpp"

namespace crosstalk::figures {
namespace {

constexpr double fewest_episodes = 10;

/// What a random policy earns does not depend on the seed, nor on what learns.
std::string task_of(const MeasuredRun& run) {
  Json task = Json::object();
  for (const auto& [key, value] : run.record.configuration.items())
    if (key.starts_with("task.")) task[key] = value;
  return task.dump();
}

/// Sums over episodes.
struct Earned {
  double sum = 0, episodes = 0;
  void add(double mean, double count) {
    sum += mean * count;
    episodes += count;
  }
  bool is_known() const { return episodes >= fewest_episodes && std::isfinite(sum); }
  double mean() const { return sum / episodes; }
};

/// Over the last quarter; not known where it was measured before learning alone.
Earned at_the_end(const Series& returns, double episodes) {
  Earned earned;
  const double last = static_cast<double>(returns.steps.back());
  for (std::size_t i = 0; i < returns.steps.size(); ++i) {
    const double step = static_cast<double>(returns.steps[i]);
    if (step > 0 && step >= quarter_begins * last) earned.add(returns.values[i], episodes);
  }
  return earned;
}

}  // namespace

int no_better_than_random(const Results& results, const std::vector<Point>& points) {
  std::map<std::string, Earned> random;
  std::vector<std::pair<std::string, Earned>> agents;
  for (const Point& point : points) {
    const bool on_some = results.find(*point.run, "return", "train") != nullptr;  // of the levels
    const char* split = on_some ? "train" : "evaluation";
    const Series* returns = results.find(*point.run, "return", split);
    const Series* without = results.find(*point.run, "return.random", split);
    if (returns == nullptr || without == nullptr) continue;
    const double episodes = point.run->number("probe.episodes", 1);
    agents.emplace_back(task_of(*point.run), at_the_end(*returns, episodes));
    for (const double value : without->values) random[agents.back().first].add(value, episodes);
  }
  return static_cast<int>(std::count_if(agents.begin(), agents.end(), [&](const auto& agent) {
    const auto& [task, earned] = agent;
    const Earned& least = random.at(task);
    return earned.is_known() && least.is_known() && !(earned.mean() > least.mean());
  }));
}

}  // namespace crosstalk::figures
