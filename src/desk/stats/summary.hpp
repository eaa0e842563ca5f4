#pragma once

#include <span>
#include <string>
#include <vector>

#include "stats/estimate.hpp"

namespace crosstalk::stats {

/// What is said of a handful of values, of the seeds of a configuration for instance. `sd` has n - 1 in its
/// denominator, `se` is sd / sqrt(n); both are undefined for fewer than two values, all for none or for a
/// value that is not finite.
struct Summary {
  std::size_t n = 0;
  Estimate mean, sd, se, median, low_quartile, high_quartile, min, max;
};
Summary summarise(std::span<const double> values);

/// Why nothing can be said of these values: there is none, or one is not finite; empty: it can.
std::string reason_against(std::span<const double> values);

/// The q-quantile with linear interpolation between order statistics (type 7 of Hyndman and Fan 1996, numpy's
/// default). Undefined for no value or one that is not finite.
Estimate quantile(std::span<const double> values, double q);

/// The same of values that are sorted, finite and at least one.
double sorted_quantile(std::span<const double> sorted, double q);

}  // namespace crosstalk::stats
