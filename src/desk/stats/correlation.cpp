#include "stats/correlation.hpp"

#include <cmath>
#include <string>

#include "stats/levels.hpp"
#include "stats/moments.hpp"

namespace crosstalk::stats {
namespace {

using Column = std::vector<double>;

double dot(const Column& a, const Column& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

void remove(const Column& direction, Column& from) {
  const double share = dot(direction, from);
  for (std::size_t i = 0; i < from.size(); ++i) from[i] -= share * direction[i];
}

void centre(Column& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  for (double& value : values) value -= sum / static_cast<double>(values.size());
}

}  // namespace

Estimate pearson(std::span<const double> x, std::span<const double> y) {
  return partial_correlation({{{x.begin(), x.end()}, {y.begin(), y.end()}}, std::vector<int>(x.size()), {}});
}

Estimate partial_correlation(const Points& points) {
  const Standardised standard = standardise(points.columns);
  if (!standard.undefined.empty()) return Estimate::none(standard.undefined);
  const std::size_t least = points.columns.size() + points.levels();
  if (points.columns[0].size() < least) {
    return Estimate::none(points.levels() > 1 ? "too few runs that are alike in all else to compare"
                                              : "fewer than " + std::to_string(least) + " points");
  }
  if (standard.deviation[0] == 0) return Estimate::none("x is constant");
  if (standard.deviation[1] == 0) return Estimate::none("y is constant");
  const double r = Levels(standard.columns, points).whole().correlation();
  if (std::isnan(r))
    return Estimate::none(points.level.empty() || points.columns.size() > 2
                              ? "the covariates leave nothing of x or of y"
                              : "within the levels x or y is constant");
  return {r, {}};
}

std::vector<double> residuals(std::span<const double> values,
                              std::span<const std::vector<double>> covariates) {
  std::vector<Column> basis;
  for (Column covariate : covariates) {
    centre(covariate);
    const double before = std::sqrt(dot(covariate, covariate));
    for (int pass = 0; pass < 2; ++pass) {
      for (const Column& direction : basis) remove(direction, covariate);
    }
    const double length = std::sqrt(dot(covariate, covariate));
    if (!(length > 1e-7 * before)) continue;  // nothing new: constant, or a combination of those before
    for (double& value : covariate) value /= length;
    basis.push_back(std::move(covariate));
  }
  Column left(values.begin(), values.end());
  centre(left);
  for (int pass = 0; pass < 2; ++pass) {
    for (const Column& direction : basis) remove(direction, left);
  }
  return left;
}

}  // namespace crosstalk::stats
