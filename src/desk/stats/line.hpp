#pragma once

#include <span>
#include <string>

namespace crosstalk::stats {

/// Least-squares line y = intercept + slope x, with r and the usual standard errors (independent errors of
/// one variance, which seeds of one configuration are not: stats/jackknife.hpp gives the intervals that are
/// shown).
struct Line {
  double intercept = 0, slope = 0, r = 0;
  double intercept_error = 0, slope_error = 0;
  std::size_t n = 0;
  std::string undefined;  // why there is no line: fewer than 3 points, x constant, a value not finite

  bool defined() const { return undefined.empty(); }
  double at(double x) const { return intercept + slope * x; }
};
Line least_squares(std::span<const double> x, std::span<const double> y);

}  // namespace crosstalk::stats
