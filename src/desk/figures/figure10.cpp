#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <optional>

#include "figures/figure.hpp"
#include "figures/notes.hpp"
#include "figures/point.hpp"
#include "figures/relation.hpp"
#include "figures/results.hpp"
#include "figures/words.hpp"
#include "stats/jackknife.hpp"

namespace crosstalk::figures {
namespace {

/// Mean interference against capacity: for each number of examples, and over all of them.
class Figure10 final : public Figure {
 public:
  std::string name() const override { return "figure10"; }
  std::string title() const override { return "Interference against capacity"; }
  std::string caption() const override {
    return "Geometric mean over runs of the mean function interference (arithmetic mean of a cosine, for the "
           "two "
           "kinds of stiffness), each run read as chosen, by width and depth; one line a number of examples, "
           "and one "
           "over all. Bands: 90% intervals that leave one configuration out with all "
           "its seeds, each for its place alone.";
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

/// Networks that are one mark: the paper's by width and depth, others by capacity alone.
struct Network {
  std::optional<double> depth, hidden;
  double capacity = 0;
  auto operator<=>(const Network&) const = default;
};

Network network_of(const Point& point) {
  if (has_own_layers(*point.run)) return {{}, {}, point.capacity.value};
  return {point.run->number("network.depth", 0), point.run->number("network.hidden", 0),
          point.capacity.value};
}

/// The runs of a sample by network; the column is x, log or cosine.
std::map<Network, stats::Points> by_network(const Sample& sample) {
  std::map<Network, stats::Points> groups;
  for (std::size_t i = 0; i < sample.points.size(); ++i) {
    stats::Points& group = groups[network_of(*sample.points[i])];
    group.columns.resize(1);
    group.columns[0].push_back(sample.columns.columns[interference][i]);
    group.configuration.push_back(sample.columns.configuration[i]);
  }
  return groups;
}

void add_rows(Table& table, const Experiment& experiment, const Variant& variant,
              std::optional<double> size) {
  const Sample sample = sample_of(experiment, variant, size);
  for (const auto& [network, group] : by_network(sample)) {
    const stats::Inference inference = stats::mean(group);
    double mean = inference.value.value;
    stats::Interval interval = inference.interval;
    if (variant.in_logarithm()) {
      mean = std::exp(mean);
      interval.low = std::exp(interval.low);
      interval.high = std::exp(interval.high);
    }
    table.rows.push_back({experiment.name, experiment.panel, std::string(experiment.scoring->name),
                          variant.name(), std::string(variant.part_name()), std::string(variant.pairs_name()),
                          size ? Cell(*size) : Cell(), cell(network.depth), cell(network.hidden),
                          network.capacity, std::string(sample.points.front()->capacity.unit), mean,
                          low(interval), high(interval), static_cast<double>(group.configuration.size()),
                          static_cast<double>(group.configurations()), reason(interval.undefined)});
  }
}

FigureData Figure10::compute(const Results& results) const {
  const std::vector<Experiment>& experiments = results.experiments;
  FigureData data;
  data.facts = Json::object();
  data.notes = notes_on(experiments);
  Table table{
      {"experiment", "panel", "kind", "variant", "measurement", "interference", "nT", "depth", "hidden",
       "capacity", "capacity_unit", "mean", "low", "high", "n", "configurations", "no_interval"},
      {}};
  for (const Experiment& experiment : experiments) {
    if (experiment.points.empty()) continue;
    if (experiment.points.front().capacity.unit == "units") {
      data.notes.push_back(experiment.name +
                           ": the results do not say how many parameters all networks have: capacity is the "
                           "sum of the layers' widths.");
    }
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
          relate_within(sample, capacity, interference, levels_by_examples(sample.points));
      add_relation_facts(data.facts, key + "/capacity", relation);
      if (sample.not_positive > 0 && variant.is_main()) {
        data.notes.push_back(key + ": the mean interference of " + counted(sample.not_positive, "run") +
                             " is not positive and has no logarithm.");
      }
      say(data.alternatives[variant.name()],
          "In " + experiment.name + ", given the number of examples, r between log capacity and " +
              (variant.in_logarithm() ? "log mean interference" : "the mean cosine") + " is " +
              in_words(relation) + ".");
    }
  }
  data.alternative = data.alternatives[Variant{}.name()];
  data.tables = {{"interference", std::move(table)}};
  return data;
}

}  // namespace

std::unique_ptr<Figure> make_figure10() { return std::make_unique<Figure10>(); }

}  // namespace crosstalk::figures
