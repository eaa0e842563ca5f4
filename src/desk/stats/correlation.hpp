#pragma once

#include <span>
#include <vector>

#include "stats/estimate.hpp"
#include "stats/points.hpp"

namespace crosstalk::stats {

/// Pearson's r, the paper's eq. (9). Undefined for fewer than 3 points, a constant variable, a value that is
/// not finite; Error(numeric) when x and y are not as many.
Estimate pearson(std::span<const double> x, std::span<const double> y);

/// r of what is left of columns 0 and 1 after the least-squares fit of each by the others, and by a constant
/// of each level. A covariate that is constant, or follows from those before it, changes nothing. Undefined
/// also where there are fewer than 2 points more than covariates and levels, or where these leave nothing of
/// x or y.
Estimate partial_correlation(const Points& points);

/// What is left of `values` after the least-squares fit by the covariates and a constant: the slow, plain way
/// to a partial r (modified Gram-Schmidt, twice), which the tests hold against the moments' way.
std::vector<double> residuals(std::span<const double> values,
                              std::span<const std::vector<double>> covariates);

}  // namespace crosstalk::stats
