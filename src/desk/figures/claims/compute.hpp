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
  int unreached = 0;  // of them, those that never came to the moment that it asks for
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

/// Whether the seeds of one configuration a side are the units: where the rule's groups are configurations,
/// or where a mean or a median has no more of them.
bool are_over_seeds(const study::Rule& rule, const PointList& one, const PointList& other);

/// Numbers for the runs of two sides; those with one number are a unit, on whichever side they are.
struct Units {
  std::vector<int> one, other;
};

/// By seed; `paired`: a seed of both sides is one unit.
Units units_by_seed(const PointList& one, const PointList& other, bool paired);

/// By all keys but those in which the sides differ, so that a run and its counterpart have one number. Where
/// that would make one configuration of several, the two sides are strangers and keep their own.
Units joint_units(const PointList& one, const PointList& other);

/// Keeps the runs whose number of examples and network both sides have, apart from those of the two that the
/// sides themselves ask for; returns how many were left out.
int keep_common_cells(const study::Rule& rule, PointList& one, PointList& other);

}  // namespace crosstalk::figures
