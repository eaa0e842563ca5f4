#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/rows.hpp"
#include "measure/summary.hpp"

namespace crosstalk::measure {

struct Evidence;

/// What measures read off at one moment: numbers and arrays.
class Readings {
 public:
  /// `step`: as probe.unit counts.
  explicit Readings(std::int64_t step) : step_(step) {}

  void add(std::string_view measure, std::string_view split, double value);
  /// The mean as `measure`, quantiles as measure.q05 .q10 .q25 .q50 .q75 .q90 .q95, the shares above,
  /// at and below 0 as measure.positive .zero .negative; no row where there are no values (a set of one
  /// sample has no pairs).
  void add(std::string_view measure, std::string_view split, const Summary& summary);
  /// The shares alone.
  void add_shares(std::string_view measure, std::string_view split, const Summary& summary);
  /// Quantiles and shares alone, without the mean.
  void add_spread(std::string_view measure, std::string_view split, const Summary& summary);
  /// The subject's number of this name and those beside it (name.constant, name.blind), on each split.
  void add_numbers(std::string_view name, const Evidence& evidence);
  /// values, row-major, as many as the shape's product; axes as Array has them, or null.
  void add_array(std::string name, std::string split, std::vector<std::int64_t> shape,
                 std::vector<double> values, Json axes);

  std::vector<Row> rows;
  std::vector<Array> arrays;

 private:
  std::int64_t step_;
};

}  // namespace crosstalk::measure
