#include "figures/claims/quantity.hpp"

#include <algorithm>
#include <cmath>

#include "stats/summary.hpp"

namespace crosstalk::figures {
namespace {

using study::Quantity;

constexpr double settled = 0.25;  // `variation` leaves out so much of a run, in which everything changes

/// The place of the measurement that a moment means: the last one not after its step. -1: none.
std::ptrdiff_t place_of(const Series& series, const Point& point, const Quantity& quantity) {
  if (series.steps.empty()) return -1;
  double step = static_cast<double>(point.last.step);
  if (quantity.moment == Quantity::Moment::first) return 0;
  if (quantity.moment == Quantity::Moment::best) step = static_cast<double>(point.early.step);
  if (quantity.moment == Quantity::Moment::share) step *= quantity.percent / 100;
  const auto after = std::upper_bound(series.steps.begin(), series.steps.end(), step);
  return after - series.steps.begin() - 1;
}

std::optional<double> variation_of(const Series& series, const Point& point) {
  std::vector<double> values;
  for (std::size_t i = 0; i < series.steps.size(); ++i) {
    if (static_cast<double>(series.steps[i]) >= settled * static_cast<double>(point.last.step))
      values.push_back(series.values[i]);
  }
  const stats::Summary summary = stats::summarise(values);
  if (values.size() < 3 || !summary.sd.defined() || summary.mean.value == 0) return {};
  return summary.sd.value / std::abs(summary.mean.value);
}

const Series* series_of(const Results& results, const Point& point, const Quantity& quantity) {
  if (!quantity.split.empty()) return results.find(*point.run, quantity.name, quantity.split);
  if (quantity.name == "gap") {
    if (const Series* series = results.find(*point.run, "gap", "train-test")) return series;
  }
  return results.find(*point.run, point.kind->measure, quantity.name == "train error" ? "train" : "test");
}

std::optional<double> measured(const Results& results, const Point& point, const Quantity& quantity) {
  if (quantity.name == "examples") return point.examples;
  if (quantity.name == "capacity") return std::max(1.0, point.capacity.value);
  const Series* series = series_of(results, point, quantity);
  if (series == nullptr) return {};
  if (quantity.variation) return variation_of(*series, point);
  const std::ptrdiff_t place = place_of(*series, point, quantity);
  if (place < 0) return {};
  if (!quantity.split.empty()) return series->values[place];
  const Moment moment = moment_at(results, *point.run, *point.kind, series->steps[place]);
  if (quantity.name == "gap") return moment.gap;
  return quantity.name == "train error" ? moment.train_error : moment.test_error;
}

std::optional<double> number_of(const Results& results, const Point& point, const Quantity& quantity) {
  std::optional<double> value = measured(results, point, quantity);
  if (value && quantity.logarithm) value = *value > 0 ? std::optional(std::log(*value)) : std::nullopt;
  return value && std::isfinite(*value) ? value : std::nullopt;
}

bool compares(const Json& value, const std::string& comparison, const Json& with) {
  if (comparison == "=") return value == with;
  if (!value.is_number()) return false;  // "all" examples, where their number cannot be told
  const double a = value.get<double>(), b = with.get<double>();
  return comparison == "<" ? a < b : comparison == "<=" ? a <= b : comparison == ">" ? a > b : a >= b;
}

bool passes(const Point& point, const study::Test& test) {
  const bool differs = test.comparison == "!=";
  // An experiment that a report tells apart by a longer name keeps the one that its study gave it as well.
  std::vector<Json> values{field_of(point, test.field)};
  if (test.field == "experiment") values.push_back(point.run->record.experiment);
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
  const std::optional<double> value = number_of(results, point, expression.quantity);
  if (!expression.minus || !value) return value;
  const std::optional<double> minus = number_of(results, point, *expression.minus);
  return minus ? std::optional(*value - *minus) : std::nullopt;
}

Json field_of(const Point& point, const std::string& field) {
  if (field == "experiment") return point.run->experiment;
  if (field == "panel") return std::string(point.kind->panel);
  if (field == "kind") return point.run->text("task.kind");
  if (field == "algorithm") return point.run->text("learner.algorithm", "supervised");
  if (field == "dataset") return point.run->text("task.dataset");
  if (field == "examples") return point.examples;
  if (field == "capacity") return point.capacity.value;
  const auto value = point.run->record.configuration.find(field);
  return value == point.run->record.configuration.end() ? Json() : *value;
}

bool passes(const Point& point, const std::vector<study::Test>& tests) {
  return std::all_of(tests.begin(), tests.end(),
                     [&](const study::Test& test) { return passes(point, test); });
}

}  // namespace crosstalk::figures
