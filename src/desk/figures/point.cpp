#include "figures/point.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "figures/results.hpp"
#include "figures/series.hpp"
#include "figures/words.hpp"

namespace crosstalk::figures {
namespace {

constexpr std::pair<std::string_view, std::string_view> measured[] = {
    {"function_interference", "train-train"},
    {"function_interference", "train-test"},
    {"stiffness", "train-train"},
    {"function_stiffness", "train-train"}};
constexpr double learned_below = 0.9;  // times the error of what needs no input

/// The last at which anything was measured; -1: nothing was.
std::int64_t last_step(const MeasuredRun& run) {
  std::int64_t last = -1;
  for (const auto& [_, series] : run.series) {
    if (!series.steps.empty()) last = std::max(last, series.steps.back());
  }
  return last;
}

std::int64_t best_step(const Results& results, const MeasuredRun& run, const Scoring& scoring,
                       std::int64_t otherwise) {
  const Series* series = results.find(run, scoring.measure, "test");
  if (series == nullptr) return otherwise;
  const Series* begun = results.find(run, "function_interference", "train-train");
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < series->values.size(); ++i) {
    const double value = series->values[i];
    if (!std::isfinite(value) || (begun != nullptr && series->steps[i] < begun->steps.front())) continue;
    if (!best || (scoring.larger_is_better ? value > series->values[*best] : value < series->values[*best]))
      best = i;
  }
  return best ? series->steps[*best] : otherwise;
}

double error_of(const Scoring& scoring, double measured) {
  return scoring.larger_is_better ? 1 - measured : measured;
}

std::optional<bool> has_learned(const Results& results, const MeasuredRun& run, const Scoring& scoring,
                                double from, std::int64_t to) {
  const std::optional<double> own = mean_over(results.find(run, scoring.measure, "train"), from, to);
  const std::optional<double> constant = mean_over(results.find(run, scoring.constant, "train"), from, to);
  if (!own || !constant) return {};
  return error_of(scoring, *own) < learned_below * error_of(scoring, *constant);
}

double examples_of(const Results& results, const MeasuredRun& run) {
  const double stated = run.number("task.examples", 0);
  if (stated > 0) return stated;
  if (const Json* data = results.data_of(run)) {
    const auto rows = data->find("train_rows");
    if (rows != data->end() && rows->is_number()) return rows->get<double>();
  }
  if (run.text("task.source") == "test-file") return run.number("task.train-rows", 0);
  return 0;
}

}  // namespace

std::optional<double> mean_over(const Series* series, double from, std::int64_t to) {
  if (series == nullptr) return {};
  double sum = 0;
  int count = 0;
  for (std::size_t i = 0; i < series->steps.size(); ++i) {
    if (static_cast<double>(series->steps[i]) < from || series->steps[i] > to) continue;
    sum += series->values[i];
    ++count;
  }
  return count > 0 && std::isfinite(sum) ? std::optional(sum / count) : std::nullopt;
}

PointValues values_over(const Results& results, const MeasuredRun& run, const Scoring& scoring, double from,
                        std::int64_t to) {
  PointValues values;
  values.step = to;
  values.gap = mean_over(results.find(run, "gap", "train-test"), from, to);
  const auto error = [&](std::string_view split) {
    std::optional<double> value = mean_over(results.find(run, scoring.measure, split), from, to);
    if (value) value = error_of(scoring, *value);
    return value;
  };
  values.train_error = error("train");
  values.test_error = error("test");
  if (!values.gap && values.train_error && values.test_error)
    values.gap = *values.test_error - *values.train_error;
  values.normalised_train = mean_over(results.find(run, "squared_error_normalised", "train"), from, to);
  values.normalised_test = mean_over(results.find(run, "squared_error_normalised", "test"), from, to);
  for (int pairs = 0; pairs < pair_means; ++pairs) {
    values.interference[pairs] =
        mean_over(results.find(run, measured[pairs].first, measured[pairs].second), from, to);
  }
  return values;
}

PointValues values_at(const Results& results, const MeasuredRun& run, const Scoring& scoring,
                      std::int64_t step) {
  return values_over(results, run, scoring, static_cast<double>(step), step);
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

std::string_view name_of(PartOfRun part) {
  constexpr std::string_view names[] = {"quarter", "last", "early"};
  return names[static_cast<int>(part)];
}

std::string_view Variant::part_name() const { return name_of(part); }

std::string_view Variant::pairs_name() const {
  constexpr std::string_view names[] = {"train-train", "train-test", "stiffness", "function-stiffness"};
  return names[static_cast<int>(pairs)];
}

std::string Variant::name() const { return std::string(part_name()) + "/" + std::string(pairs_name()); }

std::string Variant::key(const std::string& experiment) const {
  std::string key = experiment;
  if (!is_main()) key.append("/").append(name());
  return key;
}

const std::vector<Variant>& variants() {
  static const std::vector<Variant> all = [] {
    std::vector<Variant> made;
    for (int pairs = 0; pairs < pair_means; ++pairs) {
      for (int part = 0; part < parts_of_a_run; ++part)
        made.push_back({static_cast<PartOfRun>(part), static_cast<PairMean>(pairs)});
    }
    return made;
  }();
  return all;
}

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
  const Json& configuration = experiment.points.front().run->record.configuration;
  const auto value = configuration.find(key);
  return value == configuration.end() ? panel : panel + ", " + key + " " + plain(*value);
}

/// What follows from the points of an experiment together.
void describe(const Results& results, const std::string& panel_key, Experiment& experiment) {
  std::vector<const MeasuredRun*> runs;
  for (const Point& point : experiment.points) runs.push_back(point.run);
  experiment.pooled = pooled_keys(runs);
  count_alike(results, experiment);
  experiment.panel = panel_of(experiment, panel_key);
  experiment.unit = unit_of(experiment);
}

}  // namespace

std::vector<Experiment> experiments_of(const Results& results, const std::string& panel_key) {
  std::map<std::string, Experiment> byname;
  for (const MeasuredRun& run : results.runs) {
    Experiment& experiment = byname[run.experiment];
    experiment.name = run.experiment;
    const Scoring* scoring = scoring_of(run);
    if (experiment.scoring == nullptr) experiment.scoring = scoring;
    switch (run.record.status) {
      case store::Status::done:
        break;
      case store::Status::diverged:
        ++experiment.diverged;
        continue;
      case store::Status::failed:
        ++experiment.failed;
        continue;
      default:
        ++experiment.unfinished;
        continue;
    }
    if (scoring == nullptr) {
      ++experiment.unknown_kind;
      continue;
    }
    Point point{&run, scoring, examples_of(results, run), capacity_of(results, run), {}, {}, {}, {}};
    const std::int64_t last = last_step(run);
    if (last < 0) {
      ++experiment.without_rows;
      continue;
    }
    if (point.examples <= 0) {
      ++experiment.unknown_examples;
      continue;
    }
    const double from = quarter_begins * static_cast<double>(last);
    point.quarter = values_over(results, run, *scoring, from, last);
    point.last = values_at(results, run, *scoring, last);
    point.early = values_at(results, run, *scoring, best_step(results, run, *scoring, last));
    point.learned = has_learned(results, run, *scoring, from, last);
    experiment.points.push_back(std::move(point));
  }
  std::vector<Experiment> experiments;
  for (auto& [_, experiment] : byname) {
    describe(results, panel_key, experiment);
    experiments.push_back(std::move(experiment));
  }
  return experiments;
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
  const Json& configuration = point.run->record.configuration;
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
    for (const auto& [key, value] : point->run->record.configuration.items()) {
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
