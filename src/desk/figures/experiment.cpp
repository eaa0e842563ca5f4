#include "figures/experiment.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "figures/results.hpp"
#include "figures/returns.hpp"
#include "figures/series.hpp"
#include "figures/words.hpp"

namespace crosstalk::figures {

std::vector<double> Experiment::sizes() const {
  std::set<double> sizes;
  for (const Point& point : points) sizes.insert(point.examples);
  return {sizes.begin(), sizes.end()};
}

int Experiment::not_learned() const {
  return static_cast<int>(std::count_if(points.begin(), points.end(),
                                        [](const Point& point) { return !point.learned.value_or(true); }));
}

int Experiment::unknown_learned() const {
  return static_cast<int>(
      std::count_if(points.begin(), points.end(), [](const Point& point) { return !point.learned; }));
}

namespace {

/// One unit of capacity within an experiment.
void count_alike(const Results& results, Experiment& experiment) {
  const bool has_units = std::any_of(experiment.points.begin(), experiment.points.end(),
                                     [](const Point& point) { return point.capacity.unit == "units"; });
  if (!has_units) return;
  for (Point& point : experiment.points) point.capacity = capacity_in_units(results, *point.run);
}

std::string unit_of(const Experiment& experiment) {
  if (experiment.scoring == nullptr || experiment.scoring->measure != "squared_error")
    return experiment.scoring == nullptr ? "" : std::string(experiment.scoring->error);
  std::set<std::string> units;
  for (const Point& point : experiment.points) {
    const std::string scale = point.run->text("task.normalise");
    units.insert(point.run->text("task.dataset") + (scale.empty() ? "" : ", " + scale));
  }
  std::string text;
  for (const std::string& unit : units) text += (text.empty() ? "" : "; ") + unit;
  return text;
}

/// The value of the key that the report sets apart, which is one within a series.
std::string panel_of(const Experiment& experiment, const std::string& key) {
  std::string panel(experiment.scoring == nullptr ? "" : experiment.scoring->panel);
  if (key.empty() || experiment.points.empty()) return panel;
  const Json& configuration = *experiment.points.front().run->record.configuration;
  const auto value = configuration.find(key);
  return value == configuration.end() ? panel : panel + ", " + key + " " + plain(*value);
}

/// What follows from the points of an experiment together.
void describe(const Results& results, const std::string& panel_key, Experiment& experiment) {
  std::vector<const MeasuredRun*> runs;
  for (const Point& point : experiment.points) runs.push_back(point.run);
  const bool without_examples =
      experiment.scoring == nullptr;  // no axis is of sizes, and diverged runs are drawn
  if (without_examples) runs.insert(runs.end(), experiment.diverged.begin(), experiment.diverged.end());
  experiment.pooled = pooled_keys(runs, without_examples);
  count_alike(results, experiment);
  experiment.panel = panel_of(experiment, panel_key);
  experiment.unit = unit_of(experiment);
}

/// Puts the run where it belongs in its experiment.
void add_run(const Results& results, const MeasuredRun& run, Experiment& experiment) {
  switch (run.record.status) {
    case store::Status::done:
      break;
    case store::Status::diverged:
      experiment.diverged.push_back(&run);
      return;
    case store::Status::failed:
      ++experiment.failed;
      return;
    default:
      ++experiment.unfinished;
      return;
  }
  std::optional<Point> point = point_of(results, run);
  if (!point)
    ++experiment.without_rows;
  else if (point->scoring != nullptr && point->examples <= 0)
    ++experiment.unknown_examples;
  else
    experiment.points.push_back(std::move(*point));
}

/// A loop that is watched is looked at while it goes on, and after it broke off.
void add_as_far(const Results& results, const MeasuredRun& run, Experiment& experiment) {
  std::optional<Point> point = point_of(results, run);
  if (!point) return;
  --(run.record.status == store::Status::failed ? experiment.failed : experiment.unfinished);
  experiment.as_far = true;
  experiment.points.push_back(std::move(*point));
}

}  // namespace

void find_experiments(Results& results, const std::string& panel_key) {
  std::map<std::string, Experiment> byname;
  for (const MeasuredRun& run : results.runs) {
    Experiment& experiment = byname[run.experiment];
    experiment.name = run.experiment;
    if (experiment.scoring == nullptr) experiment.scoring = scoring_of(run);
    add_run(results, run, experiment);
  }
  for (auto& [name, experiment] : byname) {
    if (!experiment.points.empty()) continue;
    for (const MeasuredRun& run : results.runs)
      if (run.experiment == name && run.is_watched()) add_as_far(results, run, experiment);
  }
  for (auto& [_, experiment] : byname) {
    describe(results, panel_key, experiment);
    auto& list = experiment.scoring == nullptr ? results.without_examples : results.experiments;
    list.push_back(std::move(experiment));
  }
  judge_returns(results);
}

double share_within(const std::vector<double>& values, const std::vector<int>& configuration) {
  std::map<int, std::pair<double, int>> sums;
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    sums[configuration[i]].first += values[i];
    ++sums[configuration[i]].second;
    sum += values[i];
  }
  const double mean = sum / static_cast<double>(values.size());
  double total = 0, within = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto& [of, count] = sums[configuration[i]];
    total += (values[i] - mean) * (values[i] - mean);
    within += (values[i] - of / count) * (values[i] - of / count);
  }
  const double n = static_cast<double>(values.size()), groups = static_cast<double>(sums.size());
  if (!(total > 0) || n <= groups || groups < 2) return 0;
  const double variance_within = within / (n - groups);
  return std::min(1.0, variance_within / (total / (n - 1)));
}

Sample sample_of(const Experiment& experiment, Variant variant, std::optional<double> examples) {
  Sample sample;
  sample.columns.columns.resize(4);
  for (const Point& point : experiment.points) {
    if (examples && point.examples != *examples) continue;
    const PointValues& values = point.at(variant.part);
    const std::optional<double> mean = values.of(variant.pairs);
    if (!mean || !values.gap) {
      ++sample.missing;
      continue;
    }
    if (variant.in_logarithm() && *mean <= 0) {
      ++sample.not_positive;
      continue;
    }
    sample.points.push_back(&point);
    auto& columns = sample.columns.columns;
    columns[0].push_back(variant.in_logarithm() ? std::log(*mean) : *mean);
    columns[1].push_back(*values.gap);
    columns[2].push_back(std::log(point.examples));
    columns[3].push_back(std::log(std::max(1.0, point.capacity.value)));
    sample.columns.configuration.push_back(point.run->configuration);
  }
  sample.within = share_within(sample.columns.columns[0], sample.columns.configuration);
  return sample;
}

namespace {

/// Numbers for what is equal, in order of first appearance.
template <class Key>
std::vector<int> numbered(const std::vector<const Point*>& points, Key key) {
  std::map<std::string, int> numbers;
  std::vector<int> levels;
  for (const Point* point : points)
    levels.push_back(numbers.try_emplace(key(*point), static_cast<int>(numbers.size())).first->second);
  return levels;
}

std::string cell_of(const Point& point) {
  std::string cell = decimal(point.examples, 0);
  const Json& configuration = *point.run->record.configuration;
  for (const std::string& key : network_keys()) {
    const auto value = configuration.find(key);
    cell += "/" + (value == configuration.end() ? std::string() : value->dump());
  }
  return cell;
}

}  // namespace

std::vector<int> levels_by_examples(const std::vector<const Point*>& points) {
  return numbered(points, [](const Point& point) { return decimal(point.examples, 0); });
}

std::vector<int> levels_by_cell(const std::vector<const Point*>& points) { return numbered(points, cell_of); }

std::string varies_within_cells(const std::vector<const Point*>& points) {
  std::map<std::string, std::map<std::string, std::set<std::string>>> values;  // by cell and key
  std::set<std::string> varying;
  for (const Point* point : points) {
    for (const auto& [key, value] : point->run->counting->items()) {
      if (says_nothing_of_the_result(key)) continue;
      auto& found = values[cell_of(*point)][key];
      found.insert(value.dump());
      if (found.size() > 1) varying.insert(key);
    }
  }
  if (varying.empty()) return "the seed alone";
  std::vector<std::string> parts{"the seed"};
  parts.insert(parts.end(), varying.begin(), varying.end());
  return joined(parts);
}

}  // namespace crosstalk::figures
