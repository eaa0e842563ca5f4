#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "figures/figure.hpp"
#include "stats/estimate.hpp"
#include "stats/jackknife.hpp"
#include "stats/points.hpp"
#include "stats/summary.hpp"

namespace crosstalk::figures {

struct Experiment;
struct MeasuredRun;
struct Results;

/// A measure over training: the runs of one number of examples at each step at which any of them has it. A
/// curve begins where the measure does (an agent's interference with its first update). Where runs end by
/// what they measure (probe.until) it ends with the first of them: those that are left are no sample of all.
struct Curve {
  struct At {
    std::int64_t step = 0;
    stats::Points points;      // one column: the runs' values, finite all of them
    double mean = 0;           // over runs
    stats::Interval interval;  // the jackknife's, over configurations with all their seeds
  };
  std::vector<At> steps;  // ascending
  int not_finite = 0;     // values left out
};

Curve curve_of(const Results& results, const Experiment& experiment, std::string_view measure,
               std::string_view split, double examples);

/// Of these runs, at the steps up to `last`. Where all are of one configuration the interval is over their
/// seeds, each run by itself.
Curve curve_of(const Results& results, const std::vector<const MeasuredRun*>& runs, std::string_view measure,
               std::string_view split, std::int64_t last = std::numeric_limits<std::int64_t>::max());

/// Until where all of these runs have finite values.
std::int64_t common_end(const Results& results, const std::vector<const MeasuredRun*>& runs,
                        std::string_view measure, std::string_view split);

/// The mean of one value of each run, with an interval of the same kind.
stats::Inference mean_over_runs(const std::vector<const MeasuredRun*>& runs,
                                const std::vector<double>& values);

/// A table of such curves in long form: experiment, panel, kind, measure, split, nT, step, mean, low, high,
/// n, configurations, no_interval.
Table table_of_curves();
void add_curve(Table& table, const Experiment& experiment, std::string_view measure, std::string_view split,
               double examples, const Curve& curve);

/// A curve for each of the splits train and test and each number of examples, and where each ends as a fact
/// ("digits/nT=100/loss/train"); returns how many values were not finite.
int add_curves(Table& table, Json& facts, const Results& results, const Experiment& experiment,
               std::string_view measure);

/// What needs no input earns at each run's last measurement (it depends on the training subset): mean, least
/// and most over the runs.
stats::Summary earned(const Results& results, const Experiment& experiment, std::string_view measure,
                      std::string_view split);

/// A table of such lines to beat: experiment, panel, kind, measure, split, policy, label, value, min, max, n.
Table table_of_lines();
void add_line(Table& table, const Experiment& experiment, std::string_view measure, std::string_view split,
              std::string_view policy, std::string_view label, const stats::Summary& summary);

/// "digits: 2 measurements of a run that is done are not finite and left out."
std::string note_on_not_finite(const std::string& experiment, int not_finite);

}  // namespace crosstalk::figures
