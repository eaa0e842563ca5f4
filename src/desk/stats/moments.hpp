#pragma once

#include <span>
#include <string>
#include <vector>

namespace crosstalk::stats {

/// Sums over points of k variables, laid out as [n, k sums, k (k + 1) / 2 sums of products (upper triangle by
/// rows)]. They add up and can be taken away: those of a resample are the sum of its units' moments, and
/// those without a configuration are the whole minus its own.
constexpr int moments_width(int variables) { return 1 + variables + variables * (variables + 1) / 2; }

void add_point(std::span<const double> point, double* moments);

/// Sums of products about the mean, (k x k); several levels' add up, each about a mean of its own.
class Products {
 public:
  explicit Products(int variables) : variables_(variables), sums_(variables * variables, 0.0) {}
  /// Adds what moments say, `sign` times.
  void add(const double* moments, double sign = 1);
  double points() const { return points_; }

  /// Correlation of variables 0 and 1, given the variables 2..k-1: what is left of their covariance when the
  /// others are eliminated one by one (a Schur complement, the same as the correlation of least-squares
  /// residuals). A given variable that is constant or a combination of those before it says nothing new and
  /// is passed over. Not-a-number where 0 or 1 has no variance left.
  double correlation() const;
  /// Slope of variable 1 on variable 0 given the others; not-a-number where nothing is left of 0.
  double slope() const;

 private:
  struct Left {
    double xx, xy, yy, xx_before, yy_before;
  };
  Left eliminate() const;
  int variables_;
  std::vector<double> sums_;
  double points_ = 0;
};

/// Products of one level.
double correlation_of(const double* moments, int variables);

/// Columns of equal length, each shifted and scaled to mean 0 and variance 1, so that sums of products lose
/// nothing. Says why where it cannot: too few points, not finite, constant (to within 1e-13 of its mean).
struct Standardised {
  std::vector<std::vector<double>> columns;
  std::vector<double> mean, deviation;  // deviation 0: the column is constant and was only shifted
  std::string undefined;
};
Standardised standardise(std::span<const std::vector<double>> columns);

}  // namespace crosstalk::stats
