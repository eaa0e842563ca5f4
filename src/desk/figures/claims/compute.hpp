#pragma once

#include <optional>
#include <vector>

#include "figures/results.hpp"
#include "stats/jackknife.hpp"
#include "study/rule.hpp"

namespace crosstalk::figures {

using PointList = std::vector<const Point*>;

/// What a statistic is computed of.
struct Drawn {
  stats::Points columns;
  int left_out = 0;   // runs that lack what the statistic asks, or where a logarithm has no value
  double within = 0;  // share of the variance of the first quantity that lies between seeds

  int n() const { return static_cast<int>(columns.configuration.size()); }
};

/// `unit` numbers the runs: those with one number stand and fall together when one is left out.
Drawn draw(const Results& results, const PointList& points, const study::Statistic& statistic,
           const std::vector<int>& unit);

stats::Inference infer(const Drawn& drawn, const study::Statistic& statistic, double level);

/// Of two sides. A difference of medians is that of pairs, where both sides have the same units: the median
/// of their differences.
stats::Inference infer_difference(const Drawn& one, const Drawn& other, const study::Rule& rule,
                                  double level);

/// Where a statistic is the mean of what a score loses from training data to test data: the mean of that
/// score on the training data, of which a run that fits less has less to lose.
std::optional<double> training_score(const Results& results, const PointList& points,
                                     const study::Statistic& statistic);

/// The configuration of each run: a unit with all its seeds.
std::vector<int> configurations_of(const PointList& points);

/// Numbers for the runs of two sides; those with one number are a unit, on whichever side they are. A unit is
/// a configuration with all its seeds, and a configuration and its counterpart on the other side. Where a
/// mean or a median is of one configuration a side, it is a seed; where the two are `twins` (differ only in
/// what the sides ask for), a seed on both sides.
struct Units {
  std::vector<int> one, other;
  bool seeds = false;
};
Units units_of(const study::Rule& rule, const PointList& one, const PointList& other, bool twins);

/// Keeps the runs whose number of examples and network both sides have, apart from those of the two that the
/// sides themselves ask for; returns how many were left out.
int keep_common_cells(const study::Rule& rule, PointList& one, PointList& other);

}  // namespace crosstalk::figures
