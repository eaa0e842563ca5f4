#pragma once

#include <string>
#include <utility>

namespace crosstalk::stats {

/// A number, or the reason why there is none ("fewer than 3 points"). Never not-a-number in disguise.
struct Estimate {
  double value = 0;
  std::string undefined;  // empty: `value` counts

  bool defined() const { return undefined.empty(); }
  static Estimate none(std::string why) { return {0, std::move(why)}; }
};

/// From low to high, or the reason why there is none.
struct Interval {
  double low = 0, high = 0;
  std::string undefined;

  bool defined() const { return undefined.empty(); }
  bool holds(double value) const { return defined() && low <= value && value <= high; }
  static Interval none(std::string why) { return {0, 0, std::move(why)}; }
};

}  // namespace crosstalk::stats
