#pragma once

#include <optional>
#include <string>
#include <vector>

#include "figures/point.hpp"
#include "stats/points.hpp"

namespace crosstalk::figures {

/// The points of an experiment (or of one of the series it is divided into), in the order of their runs'
/// identifiers, and who is not among them.
struct Experiment {
  std::string name;
  const Scoring* scoring = nullptr;  // nullptr: its runs learn from no examples
  std::string panel;                 // the scoring's, with the value of the key that the report sets apart
  /// What its errors and gaps are counted in: "share of examples", "reward", or the data and scale of the
  /// targets of a regression, "california, per-feature"; several, joined by "; ", where its runs have
  /// several.
  std::string unit;
  std::vector<std::string> pooled;  // swept keys in which its runs differ (series.hpp)
  /// Of runs that are done; where none of a watched experiment is, of those that have rows (`as_far`).
  std::vector<Point> points;
  bool as_far = false;  // its points are as far as runs came that did not end, or failed
  std::vector<const MeasuredRun*> diverged;
  int failed = 0, unfinished = 0, without_rows = 0, unknown_examples = 0;
  int no_better_than_random =
      0;  // points that are agents and end so, or no better than they began (returns.hpp)
  std::vector<double> sizes() const;  // the different nT, ascending
  int not_learned() const;            // how many points are known to have learned nothing
  int unknown_learned() const;        // of how many it is not known
};

/// So large a share of runs that learned nothing makes every conclusion void.
constexpr double too_many_unlearned = 1.0 / 3;

/// Fills in the results' experiments, each list sorted by name.
void find_experiments(Results& results, const std::string& panel_key = {});

/// Points that a statistic can use, and how many it cannot.
struct Sample {
  std::vector<const Point*> points;
  stats::Points columns;  // x (log mean interference or mean cosine), gap, log nT, log capacity
  int not_positive = 0;   // a mean that is not positive has no logarithm
  int missing = 0;        // the run did not measure it, or it is not finite
  double within = 0;      // share of the variance of x that lies within configurations
};
/// Of the points with `examples` examples, or of all where that is nothing.
Sample sample_of(const Experiment& experiment, Variant variant, std::optional<double> examples = {});

/// What each point's level is where a number of examples, or this and the network, has a mean of its own.
std::vector<int> levels_by_examples(const std::vector<const Point*>& points);
std::vector<int> levels_by_cell(const std::vector<const Point*>& points);

/// What differs between the runs of one cell: "the seed alone", "the seed and learner.rate".
std::string varies_within_cells(const std::vector<const Point*>& points);

/// Share of the variance of `values` that lies within configurations: 1 - between / total of a one-way
/// analysis; 0 where it cannot be told.
double share_within(const std::vector<double>& values, const std::vector<int>& configuration);

}  // namespace crosstalk::figures
