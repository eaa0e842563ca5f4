#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "stats/estimate.hpp"
#include "stats/points.hpp"

/// Intervals that leave one configuration out, with all its seeds, at a time (the delete-one-group jackknife;
/// Efron and Tibshirani 1993, ch. 11). Runs that differ in their seed alone are no independent points;
/// configurations are what a study has several of. No random number is drawn. docs/statistics.md says how
/// often each kind holds the truth.
namespace crosstalk::stats {

constexpr int least_configurations = 4;  // below: no interval

/// A number with its interval, and how each configuration pulls at it, in the number's units: the value
/// without that configuration minus the mean of all such values, times sqrt((K - 1) / K). The squares of the
/// pulls sum to its variance.
struct Inference {
  Estimate value;
  Interval interval;
  std::map<int, double> pull;
  int degrees = 0;  // of freedom, of the interval's t
  int levels = 0;   // of a pooled r: over how many it is a mean
};

/// (Partial, within levels) correlation of columns 0 and 1:
///     tanh( z +- t(K - 1) sqrt( (K - 1)/K sum_k (z_-k - mean z_-k)^2 ) )
Inference correlation(const Points& points, double level = 0.9);

/// The mean of the r of each level, on Fisher's scale, each corrected for the bias that its jackknife finds:
/// what levels have in common, where each says as much as the next. Levels with fewer than 4 configurations,
/// or without an r, are passed over; `levels` counts the others.
Inference pooled_correlation(const Points& points, double level = 0.9);

/// Mean of column 0.
Inference mean(const Points& points, double level = 0.9);

/// Median over configurations of their means of column 0; the interval is Hettmansperger and Sheather's
/// (1986), between order statistics: it asks nothing of the tails.
Inference median(const Points& points, double level = 0.9);

/// Slope of the least-squares line of column 1 on column 0, given the covariates and within levels.
Inference slope(const Points& points, double level = 0.9);

/// Heights of the least-squares line of column 1 on column 0 at each place of `at`; each interval is for its
/// place alone.
std::vector<Interval> line_heights(const Points& points, std::span<const double> at, double level = 0.9);

/// a - b. Where both have the same configurations (a comparison by pairs), these pull jointly, and the
/// interval is that of the jackknife of the difference. Where they share none the two are independent: the
/// method of variance estimates recovery (Zou 2007), with Welch's degrees of freedom. `level` is that of both
/// intervals.
Inference difference(const Inference& a, const Inference& b, double level = 0.9);

/// The q-quantile of Student's t with so many degrees of freedom, 0 < q < 1.
double t_quantile(double q, int degrees);

}  // namespace crosstalk::stats
