#include "stats/moments.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/error.hpp"

namespace crosstalk::stats {
namespace {

constexpr int most_variables = 8;
constexpr double nothing_left = 1e-10;  // of a variance of order 1, after elimination
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

}  // namespace

void add_point(std::span<const double> point, double* moments) {
  *moments++ += 1;
  for (const double value : point) *moments++ += value;
  for (std::size_t i = 0; i < point.size(); ++i) {
    for (std::size_t j = i; j < point.size(); ++j) *moments++ += point[i] * point[j];
  }
}

void Products::add(const double* moments, double sign) {
  const double n = moments[0];
  if (n <= 0) return;
  const double* sum = moments + 1;
  const double* product = sum + variables_;
  for (int i = 0; i < variables_; ++i) {
    for (int j = i; j < variables_; ++j) {
      const double about_mean = sign * (*product++ - sum[i] * sum[j] / n);
      sums_[i * variables_ + j] += about_mean;
      if (j != i) sums_[j * variables_ + i] += about_mean;
    }
  }
  points_ += sign * n;
}

Products::Left Products::eliminate() const {
  std::array<std::array<double, most_variables>, most_variables> covariance;
  std::array<double, most_variables> before;
  for (int i = 0; i < variables_; ++i) {
    for (int j = 0; j < variables_; ++j) covariance[i][j] = sums_[i * variables_ + j] / points_;
    before[i] = covariance[i][i];
  }
  for (int given = variables_ - 1; given >= 2; --given) {
    const double pivot = covariance[given][given];
    if (!(pivot > nothing_left * std::max(1.0, before[given]))) continue;
    for (int i = 0; i < given; ++i) {
      const double share = covariance[i][given] / pivot;
      for (int j = 0; j < given; ++j) covariance[i][j] -= share * covariance[given][j];
    }
  }
  return {covariance[0][0], covariance[0][1], covariance[1][1], before[0], before[1]};
}

double Products::correlation() const {
  const auto [xx, xy, yy, xx_before, yy_before] = eliminate();
  if (!(xx > nothing_left * std::min(1.0, xx_before)) || !(yy > nothing_left * std::min(1.0, yy_before)))
    return nan;
  return std::clamp(xy / std::sqrt(xx * yy), -1.0, 1.0);
}

double Products::slope() const {
  const Left left = eliminate();
  return left.xx > nothing_left * std::min(1.0, left.xx_before) ? left.xy / left.xx : nan;
}

double correlation_of(const double* moments, int variables) {
  Products products(variables);
  products.add(moments);
  return products.correlation();
}

Standardised standardise(std::span<const std::vector<double>> columns) {
  Standardised result;
  if (columns.empty() || columns.size() > most_variables) {
    throw Error(ErrorKind::numeric,
                "a statistic takes 1 to 8 variables, not " + std::to_string(columns.size()));
  }
  const std::size_t n = columns[0].size();
  for (const std::vector<double>& column : columns) {
    if (column.size() != n) {
      throw Error(ErrorKind::numeric, "the variables of a correlation have " + std::to_string(n) + " and " +
                                          std::to_string(column.size()) + " values; they must be as many");
    }
    if (!std::all_of(column.begin(), column.end(), [](double value) { return std::isfinite(value); })) {
      result.undefined = "a value is not finite";
      return result;
    }
  }
  for (const std::vector<double>& column : columns) {
    double sum = 0, squares = 0, largest = 0;
    for (const double value : column) sum += value;
    const double mean = n > 0 ? sum / static_cast<double>(n) : 0;
    std::vector<double> shifted;
    shifted.reserve(n);
    for (const double value : column) {
      shifted.push_back(value - mean);
      largest = std::max(largest, std::abs(value - mean));
    }
    const bool constant = largest <= 1e-13 * std::abs(mean) || largest == 0;
    // Scaled by the largest first: the squares of 1e-200 would vanish.
    if (!constant) {
      for (const double value : shifted) squares += (value / largest) * (value / largest);
    }
    const double deviation = constant ? 0 : largest * std::sqrt(squares / static_cast<double>(n));
    for (double& value : shifted) value = constant ? 0 : value / deviation;
    result.columns.push_back(std::move(shifted));
    result.mean.push_back(mean);
    result.deviation.push_back(deviation);
  }
  return result;
}

}  // namespace crosstalk::stats
