#pragma once

#include <string>
#include <vector>

#include "figures/results.hpp"
#include "stats/bootstrap.hpp"
#include "study/rule.hpp"

namespace crosstalk::figures {

/// Runs of one experiment that agree in the fields by which a rule tells groups apart.
struct Selection {
  std::string experiment, dataset;
  std::vector<Json> by;  // the fields' values
  std::vector<const Point*> points;
};

/// The runs that pass, in groups, sorted by experiment and values.
std::vector<Selection> select(const std::vector<const Point*>& points, const std::vector<study::Test>& tests,
                              const std::vector<std::string>& by);

/// The groups of `others` that a group is held against: those of the same experiment and the same fields'
/// values, or, where the experiment has none, those on the same data.
std::vector<const Selection*> partners(const Selection& one, const std::vector<Selection>& others);

/// "digits, 500 examples", "svhn-ddqn against svhn, 500 examples".
std::string label_of(const Selection& one, const Selection* partner, const std::vector<std::string>& by);

/// A statistic of runs, with what its resampling needs.
struct Computed {
  stats::Estimate value;
  stats::Resamples resamples;  // of configurations with their seeds
  int n = 0, configurations = 0, left_out = 0;
  double within = 0;
};
Computed compute(const Results& results, const std::vector<const Point*>& points,
                 const study::Statistic& statistic, const std::string& name);

}  // namespace crosstalk::figures
