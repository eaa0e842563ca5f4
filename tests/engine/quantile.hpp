#pragma once

#include <algorithm>
#include <vector>

namespace crosstalk::measure {

/// By sorting, and linear between two values.
inline double quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  const double place = share * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const double fraction = place - static_cast<double>(below);
  return values[below] + (fraction > 0 ? fraction * (values[below + 1] - values[below]) : 0);
}

}  // namespace crosstalk::measure
