#pragma once

#include <span>
#include <string>
#include <vector>

#include "stats/estimate.hpp"

namespace crosstalk::stats {

/// Sums over points of k variables, laid out as [n, k sums, k (k + 1) / 2 sums of products (upper triangle by
/// rows)]. They add up: those of a resample are the sum of its units' moments, whatever a unit is (a run, or
/// all runs of a configuration). That makes a bootstrap of any correlation one pass of additions.
constexpr int moments_width(int variables) { return 1 + variables + variables * (variables + 1) / 2; }

void add_point(std::span<const double> point, double* moments);

/// Correlation of variables 0 and 1, given the variables 2..k-1: what is left of their covariance when the
/// others are eliminated one by one (a Schur complement, the same as the correlation of least-squares
/// residuals). A given variable that is constant or a combination of those before it says nothing new and is
/// passed over. Not-a-number where 0 or 1 has no variance left; meant for the inside of a resampling, see
/// correlation.hpp.
double correlation_of(const double* moments, int variables);

/// Intercept and slope of the least-squares line of variable 1 on variable 0; not-a-number where 0 is
/// constant.
struct LineOfMoments {
  double intercept, slope;
};
LineOfMoments line_of(const double* moments, int variables);

/// Columns of equal length, each shifted and scaled to mean 0 and variance 1, so that sums of products lose
/// nothing. Says why where it cannot: too few points, not finite, constant (to within 1e-13 of its mean).
struct Standardised {
  std::vector<std::vector<double>> columns;
  std::vector<double> mean, deviation;  // deviation 0: the column is constant and was only shifted
  std::string undefined;
};
Standardised standardise(std::span<const std::vector<double>> columns);

}  // namespace crosstalk::stats
