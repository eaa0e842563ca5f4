#include <cmath>
#include <memory>

#include "figures/figure.hpp"
#include "figures/notes.hpp"
#include "figures/point.hpp"
#include "figures/relation.hpp"
#include "figures/results.hpp"
#include "figures/words.hpp"
#include "stats/bootstrap.hpp"
#include "stats/jackknife.hpp"
#include "stats/summary.hpp"

namespace crosstalk::figures {
namespace {

/// The generalisation gap against the number of training examples: the mean over runs of all capacities.
class Figure9 final : public Figure {
 public:
  std::string name() const override { return "figure9"; }
  std::string title() const override { return "Generalisation gap against the number of examples"; }
  std::string caption() const override {
    return "Mean over the runs of all capacities and seeds, each read as chosen. Bands: 90% intervals that "
           "leave one configuration out with all its seeds, each for its place alone; "
           "whiskers: the paper's, which resample runs.";
  }
  bool applies(const Results& results) const override;
  FigureData compute(const Results& results) const override;
};

bool Figure9::applies(const Results& results) const {
  for (const Experiment& experiment : results.experiments) {
    if (experiment.sizes().size() >= 2) return true;
  }
  return false;
}

/// The runs of one number of examples that have a gap; interference does not matter here.
stats::Points gaps_of(const Experiment& experiment, PartOfRun part, std::optional<double> size) {
  stats::Points points;
  points.columns.resize(2);
  for (const Point& point : experiment.points) {
    const PointValues& values = point.at(part);
    if ((size && point.examples != *size) || !values.gap) continue;
    points.columns[0].push_back(*values.gap);
    points.columns[1].push_back(std::log(point.examples));
    points.configuration.push_back(point.run->configuration);
  }
  return points;
}

FigureData Figure9::compute(const Results& results) const {
  const std::vector<Experiment>& experiments = results.experiments;
  FigureData data;
  data.facts = Json::object();
  data.notes = notes_on(experiments);
  Table gaps{{"experiment", "panel", "kind", "unit", "gap_label", "measurement", "nT", "mean", "low", "high",
              "runs_low", "runs_high", "sd", "min", "max", "n", "configurations", "no_interval"},
             {}};
  for (const Experiment& experiment : experiments) {
    for (const PartOfRun part : {PartOfRun::quarter, PartOfRun::last, PartOfRun::early}) {
      const Variant variant{part, PairMean::train_train};
      std::vector<std::pair<double, double>> line;
      for (const double size : experiment.sizes()) {
        const stats::Points points = gaps_of(experiment, part, size);
        const stats::Summary summary = stats::summarise(points.columns[0]);
        if (!summary.mean.defined()) continue;
        const std::string key = experiment.name + "/nT=" + decimal(size, 0);
        const std::string seed = "figure9/" + key + "/" + std::string(variant.part_name());
        const stats::Interval configurations = stats::mean(points).interval;
        const stats::Interval runs = stats::bootstrap_mean(points, seed);
        gaps.rows.push_back({experiment.name, experiment.panel, std::string(experiment.scoring->name),
                             experiment.unit, std::string(experiment.scoring->gap),
                             std::string(variant.part_name()), size, summary.mean.value, low(configurations),
                             high(configurations), low(runs), high(runs), cell(summary.sd), summary.min.value,
                             summary.max.value, static_cast<double>(summary.n),
                             static_cast<double>(points.configurations()), reason(configurations.undefined)});
        line.emplace_back(size, summary.mean.value);
        if (part == PartOfRun::quarter) {
          data.facts[key + "/gap"] = fact(summary.mean);
          data.facts[key + "/n"] = summary.n;
        }
      }
      if (line.size() < 2) continue;
      Sample sample;
      sample.columns = gaps_of(experiment, part, {});
      sample.columns.columns = {{}, sample.columns.columns[0], sample.columns.columns[1], {}};
      const Relation relation = relate(sample, examples, gap,
                                       "figure9/" + experiment.name + "/" + std::string(variant.part_name()));
      if (part == PartOfRun::quarter) add_relation_facts(data.facts, experiment.name + "/examples", relation);
      say(data.alternatives[std::string(variant.part_name())],
          "In " + experiment.name + " the mean gap goes from " + decimal(line.front().second, 3) + " at " +
              counted(std::llround(line.front().first), "example") + " to " + decimal(line.back().second, 3) +
              " at " + with_commas(std::llround(line.back().first)) + "; r between log nT and the gap is " +
              in_words(relation) + ".");
    }
  }
  data.alternative = data.alternatives[std::string(name_of(PartOfRun::quarter))];
  data.tables = {{"gaps", std::move(gaps)}};
  return data;
}

}  // namespace

std::unique_ptr<Figure> make_figure9() { return std::make_unique<Figure9>(); }

}  // namespace crosstalk::figures
