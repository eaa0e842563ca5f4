#include "figures/curve.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "figures/results.hpp"
#include "figures/words.hpp"
#include "stats/summary.hpp"

namespace crosstalk::figures {
namespace {

std::vector<int> configurations_of(const std::vector<const MeasuredRun*>& runs) {
  std::vector<int> numbers;
  for (const MeasuredRun* run : runs) numbers.push_back(run->configuration);
  return numbers;
}

/// What stands and falls together when one is left out: runs with one number.
struct Units {
  std::vector<int> of_run;
  bool seeds = false;  // each run is its own
};

/// By configuration, or by run where there is one alone.
Units units_of(const std::vector<const MeasuredRun*>& runs) {
  Units units{configurations_of(runs)};
  units.seeds = std::set<int>(units.of_run.begin(), units.of_run.end()).size() < 2;
  if (units.seeds) std::iota(units.of_run.begin(), units.of_run.end(), 0);
  return units;
}

stats::Inference mean_of(const stats::Points& points, bool seeds) {
  stats::Inference mean = stats::mean(points);
  if (seeds && points.configurations() < stats::least_configurations)
    mean.interval.undefined = "fewer than " + std::to_string(stats::least_configurations) + " seeds";
  return mean;
}

std::vector<const MeasuredRun*> ending_early(std::vector<const MeasuredRun*> runs) {
  std::erase_if(runs, [](const MeasuredRun* run) { return !run->may_end_early(); });
  return runs;
}

Curve curve_by(const Results& results, const std::vector<const MeasuredRun*>& runs, const Units& units,
               std::string_view measure, std::string_view split, std::int64_t last) {
  Curve curve;
  last = std::min(last, common_end(results, ending_early(runs), measure, split));
  std::map<std::int64_t, stats::Points> steps;
  for (std::size_t run = 0; run < runs.size(); ++run) {
    const Series* series = results.find(*runs[run], measure, split);
    if (series == nullptr) continue;
    for (std::size_t i = 0; i < series->steps.size() && series->steps[i] <= last; ++i) {
      if (!std::isfinite(series->values[i])) {
        ++curve.not_finite;
        continue;
      }
      stats::Points& points = steps[series->steps[i]];
      points.columns.resize(1);
      points.columns[0].push_back(series->values[i]);
      points.configuration.push_back(units.of_run[run]);
    }
  }
  for (auto& [step, points] : steps) {
    const stats::Inference mean = mean_of(points, units.seeds);
    curve.steps.push_back({step, std::move(points), mean.value.value, mean.interval});
  }
  return curve;
}

}  // namespace

Curve curve_of(const Results& results, const Experiment& experiment, std::string_view measure,
               std::string_view split, double examples) {
  std::vector<const MeasuredRun*> runs;
  for (const Point& point : experiment.points) {
    if (point.examples == examples) runs.push_back(point.run);
  }
  return curve_by(results, runs, {configurations_of(runs)}, measure, split,
                  std::numeric_limits<std::int64_t>::max());
}

Curve curve_of(const Results& results, const std::vector<const MeasuredRun*>& runs, std::string_view measure,
               std::string_view split, std::int64_t last) {
  return curve_by(results, runs, units_of(runs), measure, split, last);
}

std::int64_t common_end(const Results& results, const std::vector<const MeasuredRun*>& runs,
                        std::string_view measure, std::string_view split) {
  std::int64_t end = std::numeric_limits<std::int64_t>::max();
  for (const MeasuredRun* run : runs) {
    const Series* series = results.find(*run, measure, split);
    std::int64_t last = -1;
    for (std::size_t i = 0; series != nullptr && i < series->steps.size(); ++i) {
      if (std::isfinite(series->values[i])) last = series->steps[i];
    }
    end = std::min(end, last);
  }
  return end;
}

stats::Inference mean_over_runs(const std::vector<const MeasuredRun*>& runs,
                                const std::vector<double>& values) {
  const Units units = units_of(runs);
  return mean_of({{values}, units.of_run, {}}, units.seeds);
}

Table table_of_curves() {
  return {{"experiment", "panel", "kind", "measure", "split", "nT", "step", "mean", "low", "high", "n",
           "configurations", "no_interval"},
          {}};
}

void add_curve(Table& table, const Experiment& experiment, std::string_view measure, std::string_view split,
               double examples, const Curve& curve) {
  for (const Curve::At& at : curve.steps) {
    table.rows.push_back({experiment.name, experiment.panel, std::string(experiment.scoring->name),
                          std::string(measure), std::string(split), examples, static_cast<double>(at.step),
                          at.mean, low(at.interval), high(at.interval),
                          static_cast<double>(at.points.configuration.size()),
                          static_cast<double>(at.points.configurations()), reason(at.interval.undefined)});
  }
}

int add_curves(Table& table, Json& facts, const Results& results, const Experiment& experiment,
               std::string_view measure) {
  int not_finite = 0;
  for (const std::string split : {"train", "test"}) {
    for (const double size : experiment.sizes()) {
      const Curve curve = curve_of(results, experiment, measure, split, size);
      not_finite += curve.not_finite;
      if (curve.steps.empty()) continue;
      add_curve(table, experiment, measure, split, size, curve);
      facts[experiment.name + "/nT=" + decimal(size, 0) + "/" + std::string(measure) + "/" + split] =
          fact(curve.steps.back().mean);
    }
  }
  return not_finite;
}

stats::Summary earned(const Results& results, const Experiment& experiment, std::string_view measure,
                      std::string_view split) {
  std::vector<double> values;
  for (const Point& point : experiment.points) {
    const Series* series = results.find(*point.run, measure, split);
    const std::optional<double> value = series == nullptr ? std::nullopt : series->at(point.last.step);
    if (value) values.push_back(*value);
  }
  return stats::summarise(values);
}

Table table_of_lines() {
  return {{"experiment", "panel", "kind", "measure", "split", "policy", "label", "value", "min", "max", "n"},
          {}};
}

void add_line(Table& table, const Experiment& experiment, std::string_view measure, std::string_view split,
              std::string_view policy, std::string_view label, const stats::Summary& summary) {
  table.rows.push_back({experiment.name, experiment.panel, std::string(experiment.scoring->name),
                        std::string(measure), std::string(split), std::string(policy), std::string(label),
                        summary.mean.value, summary.min.value, summary.max.value,
                        static_cast<double>(summary.n)});
}

std::string note_on_not_finite(const std::string& experiment, int not_finite) {
  return experiment + ": " + counted(not_finite, "measurement") + " of a run that is done " +
         (not_finite == 1 ? "is" : "are") + " not finite and left out.";
}

}  // namespace crosstalk::figures
