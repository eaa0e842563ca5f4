#include <algorithm>
#include <cmath>
#include <map>
#include <memory>

#include "figures/figure.hpp"
#include "figures/point.hpp"
#include "figures/results.hpp"
#include "figures/words.hpp"
#include "stats/summary.hpp"

namespace crosstalk::figures {
namespace {

/// Mean function interference over training, for each number of examples.
class FigureD2 final : public Figure {
 public:
  std::string name() const override { return "figureD2"; }
  std::string title() const override { return "Mean function interference over training"; }
  std::string caption() const override {
    return "Mean over runs of the mean function interference between distinct training samples (and, as a "
           "twin, "
           "between training and test samples), measured before the update at each step. Bands: bootstrapped "
           "90% "
           "intervals that resample configurations with all their seeds.";
  }
  bool applies(const Results& results) const override;
  FigureData compute(const Results& results) const override;
};

constexpr std::string_view measure = "function_interference";

bool FigureD2::applies(const Results& results) const {
  for (const Run& run : results.runs) {
    const Series* series = run.done() ? results.find(run, measure, "train-train") : nullptr;
    if (series != nullptr && series->steps.size() >= 2) return true;
  }
  return false;
}

struct At {
  stats::Points points;  // one column: the mean over pairs
  int not_finite = 0;
};

std::map<std::int64_t, At> by_step(const Results& results, const Experiment& experiment, double size,
                                   std::string_view split) {
  std::map<std::int64_t, At> steps;
  for (const Point& point : experiment.points) {
    const Series* series = point.examples == size ? results.find(*point.run, measure, split) : nullptr;
    if (series == nullptr) continue;
    for (std::size_t i = 0; i < series->steps.size(); ++i) {
      At& at = steps[series->steps[i]];
      at.points.columns.resize(1);
      if (!std::isfinite(series->values[i])) {
        ++at.not_finite;
        continue;
      }
      at.points.columns[0].push_back(series->values[i]);
      at.points.configuration.push_back(point.run->configuration);
    }
  }
  return steps;
}

Cell geometric_mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) {
    if (!(value > 0)) return Cell();
    sum += std::log(value);
  }
  return std::exp(sum / static_cast<double>(values.size()));
}

FigureData FigureD2::compute(const Results& results) const {
  const std::vector<Experiment>& experiments = results.experiments;
  FigureData data;
  data.facts = Json::object();
  data.notes = notes_on(experiments);
  Table curves{{"experiment", "panel", "kind", "interference", "nT", "step", "mean", "low", "high",
                "geometric_mean", "median", "n", "configurations", "no_interval"},
               {}};
  stats::BootstrapOptions options;
  options.resamples = 1000;  // a curve has many steps, and is looked at as a whole
  for (const Experiment& experiment : experiments) {
    int not_finite = 0;
    std::string described;
    for (const std::string_view split : {"train-train", "train-test"}) {
      for (const double size : experiment.sizes()) {
        const std::string key = experiment.name + "/nT=" + decimal(size, 0);
        double first = 0, last = 0;
        const auto steps = by_step(results, experiment, size, split);
        for (const auto& [step, at] : steps) {
          not_finite += at.not_finite;
          const stats::Summary summary = stats::summarise(at.points.columns[0]);
          if (!summary.mean.defined()) continue;
          const stats::Interval interval = stats::bootstrap_mean(
              at.points, stats::Resampling::configurations,
              "figureD2/" + key + "/" + std::string(split) + "/" + std::to_string(step), options);
          curves.rows.push_back(
              {experiment.name, std::string(experiment.kind->panel), std::string(experiment.kind->name),
               std::string(split), size, static_cast<double>(step), summary.mean.value, low(interval),
               high(interval), geometric_mean(at.points.columns[0]), summary.median.value,
               static_cast<double>(summary.n), static_cast<double>(at.points.configurations()),
               reason(interval.undefined)});
          if (step == steps.begin()->first) first = summary.mean.value;
          last = summary.mean.value;
        }
        if (steps.empty() || split != "train-train") continue;
        data.facts[key + "/first"] = fact(first);
        data.facts[key + "/last"] = fact(last);
        if (size != experiment.sizes().front() && size != experiment.sizes().back()) continue;
        described += (described.empty() ? "" : " and ") + std::string("from ") + significant(first) + " to " +
                     significant(last) + " with " + counted(std::llround(size), "example");
      }
    }
    if (!described.empty()) {
      data.alternative += (data.alternative.empty() ? "In " : " In ") + experiment.name +
                          " the mean function interference goes, from the first measurement to the last, " +
                          described + ".";
    }
    if (not_finite > 0) {
      data.notes.push_back(experiment.name + ": " + counted(not_finite, "measurement") +
                           " of a run that is done " + (not_finite == 1 ? "is" : "are") +
                           " not finite and left out.");
    }
  }
  data.tables = {{"curves", std::move(curves)}};
  return data;
}

}  // namespace

std::unique_ptr<Figure> make_figure_d2() { return std::make_unique<FigureD2>(); }

}  // namespace crosstalk::figures
