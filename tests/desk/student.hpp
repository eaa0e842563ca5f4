#pragma once

#include <cmath>
#include <vector>

#include "stats/jackknife.hpp"

/// Student's and Welch's 90% intervals by the book, which the intervals that leave one out are held against.
namespace crosstalk::student {

using Values = std::vector<double>;

inline double mean_of(const Values& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

/// The squared standard error of a mean.
inline double square_of_error(const Values& values) {
  const double mean = mean_of(values), n = static_cast<double>(values.size());
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return squares / (n - 1) / n;
}

/// Half of Student's interval of a mean.
inline double half_interval(const Values& values) {
  return stats::t_quantile(0.95, static_cast<int>(values.size()) - 1) * std::sqrt(square_of_error(values));
}

/// Half of Welch's interval of the difference of two independent means, with whole degrees.
inline double half_interval(const Values& one, const Values& other) {
  const double a = square_of_error(one), b = square_of_error(other);
  const double degrees =
      (a + b) * (a + b) /
      (a * a / static_cast<double>(one.size() - 1) + b * b / static_cast<double>(other.size() - 1));
  return stats::t_quantile(0.95, static_cast<int>(degrees)) * std::sqrt(a + b);
}

}  // namespace crosstalk::student
