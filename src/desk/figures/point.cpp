#include "figures/point.hpp"

#include <algorithm>
#include <cmath>

#include "figures/results.hpp"

namespace crosstalk::figures {
namespace {

constexpr std::pair<std::string_view, std::string_view> measured[] = {
    {"function_interference", "train-train"},
    {"function_interference", "train-test"},
    {"stiffness", "train-train"},
    {"function_stiffness", "train-train"}};
constexpr double learned_below = 0.9;  // times the error of what needs no input

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

std::int64_t last_step(const MeasuredRun& run) {
  std::int64_t last = -1;
  for (const auto& [_, series] : run.series) {
    if (!series.steps.empty()) last = std::max(last, series.steps.back());
  }
  return last;
}

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

PointValues values_over(const Results& results, const MeasuredRun& run, const Scoring* scoring, double from,
                        std::int64_t to) {
  PointValues values;
  values.step = to;
  values.gap = mean_over(results.find(run, "gap", "train-test"), from, to);
  const auto error = [&](std::string_view split) {
    std::optional<double> value;
    if (scoring != nullptr) value = mean_over(results.find(run, scoring->measure, split), from, to);
    if (value) value = error_of(*scoring, *value);
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

PointValues values_at(const Results& results, const MeasuredRun& run, const Scoring* scoring,
                      std::int64_t step) {
  return values_over(results, run, scoring, static_cast<double>(step), step);
}

std::optional<Point> point_of(const Results& results, const MeasuredRun& run) {
  const Scoring* scoring = scoring_of(run);
  const std::int64_t last = last_step(run);
  if (last < 0) return {};
  Point point{&run, scoring, 0, capacity_of(results, run), {}, {}, {}, {}};
  const double from = quarter_begins * static_cast<double>(last);
  const std::int64_t best = scoring == nullptr ? last : best_step(results, run, *scoring, last);
  point.quarter = values_over(results, run, scoring, from, last);
  point.last = values_at(results, run, scoring, last);
  point.early = values_at(results, run, scoring, best);
  if (scoring == nullptr) return point;
  point.examples = examples_of(results, run);
  point.learned = has_learned(results, run, *scoring, from, last);
  return point;
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

}  // namespace crosstalk::figures
