#include "figures/returns.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "figures/point.hpp"

namespace crosstalk::figures {
namespace {

constexpr double fewest_episodes = 10;

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

/// Both known, and `earned` no more than `least`.
bool is_no_more(const Earned& earned, const Earned& least) {
  return earned.is_known() && least.is_known() && !(earned.mean() > least.mean());
}

/// Of one measurement: on a few levels an episode may be played more than once.
double different_episodes(const MeasuredRun& run, const std::string& split) {
  const double episodes = run.number("probe.episodes", 1);
  return split == "train" ? std::min(episodes, run.number("task.train-levels", episodes)) : episodes;
}

/// What acts at random earns, by the task and the split.
class AtRandom {
 public:
  explicit AtRandom(const Results& results);
  Earned of(const std::string& task, const std::string& split) const;

 private:
  using Split = std::pair<std::string, std::string>;
  std::map<Split, Earned> earned_;
};

/// Every configuration of a task and seed has measured the same: it counts once, as the longest of them.
AtRandom::AtRandom(const Results& results) {
  std::map<std::pair<Split, std::uint64_t>, std::pair<double, double>> measured;  // episodes and their mean
  for (const MeasuredRun& run : results.runs) {
    for (const char* split : {"train", "evaluation"}) {
      const Series* series = results.find(run, "return.random", split);
      if (series == nullptr || series->values.empty()) continue;
      auto& known = measured[{{task_of(results, run), split}, run.record.seed}];
      if (const double episodes = different_episodes(run, split); episodes > known.first)
        known = {episodes, series->values.front()};
    }
  }
  for (const auto& [where, known] : measured) earned_[where.first].add(known.second, known.first);
}

Earned AtRandom::of(const std::string& task, const std::string& split) const {
  const auto found = earned_.find({task, split});
  return found == earned_.end() ? Earned{} : found->second;
}

bool learned_nothing(const Results& results, const MeasuredRun& run, const AtRandom& random) {
  if (run.is_watched()) return false;  // nobody says of how many episodes, and of which policy, a return is
  const std::string split = results.find(run, "return", "train") != nullptr ? "train" : "evaluation";
  const Series* returns = results.find(run, "return", split);
  if (returns == nullptr) return false;
  const double episodes = different_episodes(run, split), last = static_cast<double>(returns->steps.back());
  Earned first, end;
  for (std::size_t i = 0; i < returns->steps.size(); ++i) {
    const double step = static_cast<double>(returns->steps[i]);
    if (step == 0)
      first.add(returns->values[i], episodes);
    else if (step >= quarter_begins * last)
      end.add(returns->values[i], episodes);
  }
  return is_no_more(end, first) || is_no_more(end, random.of(task_of(results, run), split));
}

}  // namespace

std::string task_of(const Results& results, const MeasuredRun& run) {
  Json task = Json::object();
  for (const auto& [key, value] : run.record.configuration->items())
    if (key.starts_with("task.")) task[key] = value;
  task["data"] = results.checksum_of(run);
  return task.dump();
}

void judge_returns(Results& results) {
  const AtRandom random(results);
  for (auto* experiments : {&results.experiments, &results.without_examples})
    for (Experiment& experiment : *experiments)
      experiment.no_better_than_random = static_cast<int>(
          std::count_if(experiment.points.begin(), experiment.points.end(),
                        [&](const Point& point) { return learned_nothing(results, *point.run, random); }));
}

}  // namespace crosstalk::figures
