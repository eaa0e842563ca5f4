#include <algorithm>
#include <cmath>
#include <map>
#include <memory>

#include "figures/figure.hpp"
#include "figures/point.hpp"
#include "figures/relation.hpp"
#include "figures/results.hpp"
#include "figures/words.hpp"

namespace crosstalk::figures {
namespace {

/// Mean interference against capacity: for each number of examples, and over all of them.
class Figure10 final : public Figure {
 public:
  std::string name() const override { return "figure10"; }
  std::string title() const override { return "Interference against capacity"; }
  std::string caption() const override {
    return "Geometric mean over runs of the mean function interference (arithmetic mean of the cosine, for "
           "stiffness) "
           "at the last measurement, by capacity; one line a number of examples, and one over all. Bands: "
           "bootstrapped "
           "90% intervals that resample configurations with all their seeds.";
  }
  bool applies(const Results& results) const override;
  FigureData compute(const Results& results) const override;
};

/// Whether there are two capacities: one alone makes no line.
bool varies(const Experiment& experiment) {
  return std::any_of(experiment.points.begin(), experiment.points.end(), [&](const Point& point) {
    return point.capacity.value != experiment.points.front().capacity.value;
  });
}

bool Figure10::applies(const Results& results) const {
  return std::any_of(results.experiments.begin(), results.experiments.end(), varies);
}

/// The runs of a sample by capacity; the column is x, log or cosine.
std::map<double, stats::Points> by_capacity(const Sample& sample) {
  std::map<double, stats::Points> groups;
  for (std::size_t i = 0; i < sample.points.size(); ++i) {
    stats::Points& group = groups[sample.points[i]->capacity.value];
    group.columns.resize(1);
    group.columns[0].push_back(sample.columns.columns[interference][i]);
    group.configuration.push_back(sample.columns.configuration[i]);
  }
  return groups;
}

void add_rows(Table& table, const Experiment& experiment, const Variant& variant,
              std::optional<double> size) {
  const Sample sample = sample_of(experiment, variant, size);
  for (const auto& [parameters, group] : by_capacity(sample)) {
    const std::string seed = "figure10/" + experiment.name + "/" + (size ? decimal(*size, 0) : "all") + "/" +
                             decimal(parameters, 0) + "/" + variant.name();
    stats::Interval interval = stats::bootstrap_mean(group, stats::Resampling::configurations, seed);
    double mean = 0;
    for (const double value : group.columns[0]) mean += value / static_cast<double>(group.columns[0].size());
    if (variant.in_logarithm()) {
      mean = std::exp(mean);
      interval.low = std::exp(interval.low);
      interval.high = std::exp(interval.high);
    }
    table.rows.push_back(
        {experiment.name, std::string(experiment.kind->panel), std::string(experiment.kind->name),
         variant.name(), std::string(variant.when_name()), std::string(variant.which_name()),
         size ? Cell(*size) : Cell(), parameters, std::string(sample.points.front()->capacity.unit), mean,
         low(interval), high(interval), static_cast<double>(group.configuration.size()),
         static_cast<double>(group.configurations()), reason(interval.undefined)});
  }
}

FigureData Figure10::compute(const Results& results) const {
  const std::vector<Experiment>& experiments = results.experiments;
  FigureData data;
  data.facts = Json::object();
  data.notes = notes_on(experiments);
  Table table{{"experiment", "panel", "kind", "variant", "measurement", "interference", "nT", "capacity",
               "capacity_unit", "mean", "low", "high", "n", "configurations", "no_interval"},
              {}};
  for (const Experiment& experiment : experiments) {
    if (experiment.points.empty()) continue;
    if (!varies(experiment)) {
      data.notes.push_back(experiment.name +
                           ": runs of one capacity; the table has them, the chart does not.");
    }
    for (const Variant& variant : variants()) {
      add_rows(table, experiment, variant, {});
      for (const double size : experiment.sizes()) add_rows(table, experiment, variant, size);
      const Sample sample = sample_of(experiment, variant);
      const std::string key = variant.key(experiment.name);
      const Relation relation =
          relate(sample, capacity, interference, {examples}, "figure10/" + key + "/capacity");
      add_relation_facts(data.facts, key + "/capacity", relation);
      if (sample.not_positive > 0) {
        data.notes.push_back(key + ": the mean interference of " + counted(sample.not_positive, "run") +
                             " is not positive and has no logarithm.");
      }
      if (!variant.is_main()) continue;
      data.alternative +=
          (data.alternative.empty() ? "In " : " In ") + experiment.name +
          ", given the number of examples, r between log capacity and log mean interference is " +
          in_words(relation) + ".";
    }
  }
  data.tables = {{"interference", std::move(table)}};
  return data;
}

}  // namespace

std::unique_ptr<Figure> make_figure10() { return std::make_unique<Figure10>(); }

}  // namespace crosstalk::figures
