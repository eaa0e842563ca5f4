#include "figures/claims/quantity.hpp"

#include <algorithm>
#include <cmath>

#include "figures/words.hpp"
#include "stats/summary.hpp"

namespace crosstalk::figures {
namespace {

using study::Quantity;

constexpr double settled = 0.25;  // `variation` leaves out so much of a run, in which everything changes
constexpr double overfits_above = 0.1;  // of the fall from the first to the best test error, lost by the end
constexpr double converged_below = 0.05;  // of all that the training error has changed, over the last quarter

/// The step at which a run first reached it; nothing where it never did.
std::optional<std::int64_t> step_of(const Results& results, const Point& point,
                                    const study::Milestone& milestone) {
  const Series* series = results.find(*point.run, milestone.name, milestone.split);
  if (series == nullptr) return {};
  for (std::size_t i = 0; i < series->values.size(); ++i) {
    const double value = series->values[i];
    if (milestone.above ? value >= milestone.limit : value <= milestone.limit) return series->steps[i];
  }
  return {};
}

/// The place of the measurement that a moment means: the last one not after its step. -1: none.
std::ptrdiff_t place_of(const Results& results, const Series& series, const Point& point,
                        const Quantity& quantity) {
  if (series.steps.empty()) return -1;
  double step = static_cast<double>(point.last.step);
  if (quantity.moment == Quantity::Moment::milestone) {
    const auto reached = step_of(results, point, quantity.milestone);
    if (!reached) return -1;
    step = static_cast<double>(*reached);
  }
  if (quantity.moment == Quantity::Moment::first) return 0;
  if (quantity.moment == Quantity::Moment::best) step = static_cast<double>(point.early.step);
  if (quantity.moment == Quantity::Moment::share) step *= quantity.percent / 100;
  const auto after = std::upper_bound(series.steps.begin(), series.steps.end(), step);
  return after - series.steps.begin() - 1;
}

/// The values of a run from a share of its steps on.
std::vector<double> values_from(const Series& series, const Point& point, double share) {
  std::vector<double> values;
  for (std::size_t i = 0; i < series.steps.size(); ++i) {
    if (static_cast<double>(series.steps[i]) >= share * static_cast<double>(point.last.step))
      values.push_back(series.values[i]);
  }
  return values;
}

/// Half the distance of the quartiles, as a share of the median magnitude: where a mean is close to 0 the
/// magnitudes are not, so that nothing is divided by what vanishes by chance.
std::optional<double> variation_of(const Series& series, const Point& point) {
  std::vector<double> values = values_from(series, point, settled);
  const stats::Summary summary = stats::summarise(values);
  if (values.size() < 3 || !summary.low_quartile.defined()) return {};
  for (double& value : values) value = std::abs(value);
  const double magnitude = stats::summarise(values).median.value;
  if (!(magnitude > 0)) return {};
  return (summary.high_quartile.value - summary.low_quartile.value) / 2 / magnitude;
}

const Series* series_of(const Results& results, const Point& point, const Quantity& quantity) {
  if (!quantity.split.empty()) return results.find(*point.run, quantity.name, quantity.split);
  if (quantity.name == "gap") {
    if (const Series* series = results.find(*point.run, "gap", "train-test")) return series;
  }
  if (point.scoring == nullptr) return nullptr;  // there is no error, and no gap
  return results.find(*point.run, point.scoring->measure, quantity.name == "train error" ? "train" : "test");
}

std::optional<double> error_or_gap(const PointValues& values, const std::string& name) {
  if (name == "gap") return values.gap;
  return name == "train error" ? values.train_error : values.test_error;
}

std::optional<double> measured(const Results& results, const Point& point, const Quantity& quantity) {
  if (quantity.name == "examples" && point.scoring == nullptr) return {};
  if (quantity.name == "examples") return point.examples;
  if (quantity.name == "capacity") return std::max(1.0, point.capacity.value);
  const Series* series = series_of(results, point, quantity);
  if (series == nullptr) return {};
  if (quantity.variation) return variation_of(*series, point);
  if (quantity.moment == Quantity::Moment::quarter) {
    if (quantity.split.empty()) return error_or_gap(point.quarter, quantity.name);
    return mean_over(series, quarter_begins * static_cast<double>(point.last.step), point.last.step);
  }
  const std::ptrdiff_t place = place_of(results, *series, point, quantity);
  if (place < 0) return {};
  if (!quantity.split.empty()) return series->values[place];
  return error_or_gap(values_at(results, *point.run, point.scoring, series->steps[place]), quantity.name);
}

std::optional<double> number_of(const Results& results, const Point& point, const Quantity& quantity) {
  std::optional<double> value = measured(results, point, quantity);
  if (value && quantity.logarithm) value = *value > 0 ? std::optional(std::log(*value)) : std::nullopt;
  return value && std::isfinite(*value) ? value : std::nullopt;
}

/// Whether the training error hardly changed over the last quarter; false where that cannot be told.
bool has_converged(const Results& results, const Point& point) {
  const auto error = [&](Quantity::Moment moment, double percent) {
    return number_of(results, point, {.name = "train error", .moment = moment, .percent = percent});
  };
  const auto first = error(Quantity::Moment::first, 0), last = error(Quantity::Moment::last, 100);
  const auto before = error(Quantity::Moment::share, 100 * quarter_begins);
  if (!first || !before || !last) return false;
  return std::abs(*last - *before) <= converged_below * std::abs(*last - *first);
}

/// Whether its test error fell and rose again, by more than a noisy curve does: the least of its values lies
/// below its last one whatever the run has learned.
bool has_overfitted(const Results& results, const Point& point) {
  const auto first =
      number_of(results, point, {.name = "test error", .moment = Quantity::Moment::first, .percent = 0});
  const std::optional<double> best = point.early.test_error, last = point.last.test_error;
  if (!first || !best || !last || !(*best < *first)) return false;
  return point.early.step < point.last.step && *last - *best > overfits_above * (*first - *best);
}

std::string network_of(const MeasuredRun& run) {
  std::string text;
  for (const std::string& key : network_keys()) {
    const auto value = run.record.configuration->find(key);
    if (value == run.record.configuration->end() || (value->is_array() && value->empty())) continue;
    text += (text.empty() ? "" : ", ") + key.substr(key.find('.') + 1) + " " + value->dump();
  }
  return text;
}

bool compares(const Json& value, const std::string& comparison, const Json& with) {
  if (comparison == "=") return value == with;
  if (!value.is_number()) return false;  // "all" examples, where their number cannot be told
  const double a = value.get<double>(), b = with.get<double>();
  return comparison == "<" ? a < b : comparison == "<=" ? a <= b : comparison == ">" ? a > b : a >= b;
}

Json tested_of(const Results& results, const Point& point, const std::string& field) {
  if (field == "learned") return point.learned ? Json(*point.learned) : Json("unknown");
  if (field == "converged") return has_converged(results, point);
  if (field == "overfits") return has_overfitted(results, point);
  return field_of(point, field);
}

bool passes(const Results& results, const Point& point, const study::Test& test) {
  const bool differs = test.comparison == "!=";
  // An experiment that a report tells apart by a longer name keeps the one that its study gave it as well.
  std::vector<Json> values{tested_of(results, point, test.field)};
  if (test.field == "experiment")
    values.insert(values.end(), {point.run->whole, point.run->record.experiment});
  const bool any = std::any_of(test.values.begin(), test.values.end(), [&](const Json& with) {
    return std::any_of(values.begin(), values.end(), [&](const Json& value) {
      return compares(value, differs ? "=" : test.comparison, with);
    });
  });
  return any != differs;
}

}  // namespace

std::optional<double> number_of(const Results& results, const Point& point,
                                const study::Expression& expression) {
  std::optional<double> value = number_of(results, point, expression.quantity);
  if (expression.minus && value) {
    const std::optional<double> minus = number_of(results, point, *expression.minus);
    value = minus ? std::optional(*value - *minus) : std::nullopt;
  }
  return value && expression.magnitude ? std::optional(std::abs(*value)) : value;
}

bool never_reached(const Results& results, const Point& point, const study::Expression& expression) {
  const auto never = [&](const Quantity& quantity) {
    return quantity.moment == Quantity::Moment::milestone && !step_of(results, point, quantity.milestone);
  };
  return never(expression.quantity) || (expression.minus && never(*expression.minus));
}

Json field_of(const Point& point, const std::string& field) {
  if (field == "experiment") return point.run->experiment;
  if (field == "panel") return point.scoring == nullptr ? Json() : Json(std::string(point.scoring->panel));
  if (field == "kind") return point.run->text("task.kind");
  if (field == "algorithm") return point.run->text("learner.algorithm", "supervised");
  if (field == "dataset") return point.run->text("task.dataset");
  if (field == "examples") return point.scoring == nullptr ? Json() : Json(point.examples);
  if (field == "capacity") return point.capacity.value;
  if (field == "network") return network_of(*point.run);
  if (field == "configuration") return point.run->configuration;
  const auto value = point.run->counting->find(field);
  return value == point.run->counting->end() ? Json() : *value;
}

KeyValues values_of(const std::vector<const Point*>& points) {
  KeyValues values;
  for (const Point* point : points) {
    for (const auto& [key, value] : point->run->counting->items()) {
      if (!says_nothing_of_the_result(key)) values[key].insert(plain(value));
    }
  }
  return values;
}

bool passes(const Results& results, const Point& point, const std::vector<study::Test>& tests) {
  return std::all_of(tests.begin(), tests.end(),
                     [&](const study::Test& test) { return passes(results, point, test); });
}

}  // namespace crosstalk::figures
