#include "figures/compared.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "figures/point.hpp"

namespace crosstalk::figures {
namespace {

struct Entry {
  std::string_view name, unit;  // no unit: that of the errors
};
constexpr std::array<Entry, compared> entries{{{"gap", ""},
                                               {"train_error", ""},
                                               {"test_error", ""},
                                               {"log_interference", "natural logarithm"},
                                               {"log_interference_train_test", "natural logarithm"},
                                               {"stiffness", "cosine"},
                                               {"function_stiffness", "cosine"}}};

/// Keys that change the unit of the function whose gradients interfere.
constexpr std::array<std::string_view, 6> units_of_function{
    "task.normalise", "task.dataset", "task.target", "task.targets", "task.kind", "probe.function"};

bool is_regression(const Scoring& scoring) { return scoring.measure == "squared_error"; }

std::optional<double> error_of(const Point& point, bool train) {
  const PointValues& values = point.quarter;
  if (is_regression(*point.scoring)) return train ? values.normalised_train : values.normalised_test;
  return train ? values.train_error : values.test_error;
}

std::optional<double> gap_of(const Point& point) {
  if (!is_regression(*point.scoring)) return point.quarter.gap;
  const std::optional<double> train = error_of(point, true), test = error_of(point, false);
  return train && test ? std::optional(*test - *train) : std::nullopt;
}

std::optional<double> logarithm(std::optional<double> value) {
  return value && *value > 0 ? std::optional(std::log(*value)) : std::nullopt;
}

}  // namespace

std::string_view name_of(int which) { return entries[which].name; }

std::string unit_of(int which, const Scoring& scoring) {
  if (!entries[which].unit.empty()) return std::string(entries[which].unit);
  return is_regression(scoring) ? "squared error over the targets' variance" : std::string(scoring.error);
}

bool is_comparable(int which, const std::set<std::string>& apart) {
  const bool has_a_unit = which == log_interference || which == log_interference_train_test;
  return !has_a_unit || std::none_of(units_of_function.begin(), units_of_function.end(),
                                     [&](std::string_view key) { return apart.contains(std::string(key)); });
}

std::optional<double> value_of(const Point& point, int which) {
  const PointValues& values = point.quarter;
  switch (which) {
    case gap_difference:
      return gap_of(point);
    case train_error:
      return error_of(point, true);
    case test_error:
      return error_of(point, false);
    case log_interference:
      return logarithm(values.of(PairMean::train_train));
    case log_interference_train_test:
      return logarithm(values.of(PairMean::train_test));
    case stiffness_cosine:
      return values.of(PairMean::stiffness);
    default:
      return values.of(PairMean::function_stiffness);
  }
}

}  // namespace crosstalk::figures
