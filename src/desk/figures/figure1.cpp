#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <tuple>

#include "figures/figure.hpp"
#include "figures/notes.hpp"
#include "figures/point.hpp"
#include "figures/relation.hpp"
#include "figures/results.hpp"
#include "figures/words.hpp"
#include "stats/jackknife.hpp"
#include "stats/simulate.hpp"
#include "stats/summary.hpp"

namespace crosstalk::figures {
namespace {

/// r between the log of the mean function interference and the generalisation gap, for each number of
/// training examples on its own: what varies within one r is capacity and seed.
class Figure1 final : public Figure {
 public:
  std::string name() const override { return "figure1"; }
  std::string title() const override { return "Interference and generalisation gap, by number of examples"; }
  std::string caption() const override {
    return "Pearson's r between interference, read as chosen (means of function interference by their "
           "logarithm, "
           "cosines as they are), and the generalisation gap, for each number of training examples. Bands: "
           "90% intervals that leave one configuration "
           "out with all its seeds, each for its place alone; whiskers: the paper's, which resample runs. "
           "Dotted: "
           "|r| = 0.3, below which it is called weak.";
  }
  bool applies(const Results& results) const override;
  FigureData compute(const Results& results) const override;
};

/// How far each kind of interval can be trusted in a study of this shape, by simulation.
class CoverageTable {
 public:
  void add(const std::string& experiment, const std::vector<Sample>& samples);
  Table table{{"experiment", "configurations", "seeds", "within", "trials", "runs_coverage",
               "configurations_coverage"},
              {}};

 private:
  std::map<std::tuple<int, int, int>, stats::Coverage> known_;
};

void CoverageTable::add(const std::string& experiment, const std::vector<Sample>& samples) {
  std::vector<double> configurations, seeds, within;
  for (const Sample& sample : samples) {
    const int of = sample.columns.configurations();
    if (of < stats::least_configurations) continue;
    configurations.push_back(of);
    seeds.push_back(static_cast<double>(sample.points.size()) / of);
    within.push_back(sample.within);
  }
  if (configurations.empty()) return;
  // Rounded, so that experiments of one shape share a simulation; capped, since more configurations only
  // help.
  const int of = std::min(48, static_cast<int>(stats::quantile(configurations, 0.5).value));
  const int each = std::clamp(static_cast<int>(stats::quantile(seeds, 0.5).value + 0.5), 1, 10);
  const int tenths = std::clamp(static_cast<int>(stats::quantile(within, 0.5).value * 10 + 0.5), 0, 10);
  const auto [entry, is_new] = known_.try_emplace({of, each, tenths});
  if (is_new) {
    entry->second = stats::simulate_coverage(
        {of, each, tenths / 10.0, 0.5}, stats::Quantity::r, 500, 300,
        "coverage/" + std::to_string(of) + "/" + std::to_string(each) + "/" + std::to_string(tenths));
  }
  const stats::Coverage& coverage = entry->second;
  table.rows.push_back({experiment, static_cast<double>(of), static_cast<double>(each), tenths / 10.0,
                        static_cast<double>(coverage.trials), coverage.runs, coverage.holds});
}

/// "In digits r goes from -0.21 (...) at 20 examples to 0.83 (...) at 1,000; ..."
std::string describe(const std::string& experiment, const std::vector<std::pair<double, Relation>>& line) {
  std::vector<std::pair<double, Relation>> there;
  for (const auto& entry : line) {
    if (entry.second.r.defined()) there.push_back(entry);
  }
  if (there.empty()) return "In " + experiment + " no r can be computed.";
  const auto at = [](const std::pair<double, Relation>& entry) {
    return in_words(entry.second) + " at " + counted(std::llround(entry.first), "example");
  };
  if (there.size() == 1) return "In " + experiment + " r is " + at(there[0]) + ".";
  int sure = 0, above = 0, below = 0;
  for (const auto& [_, relation] : there) {
    sure += relation.interval.defined();
    above += relation.interval.defined() && relation.interval.low > 0;
    below += relation.interval.defined() && relation.interval.high < 0;
  }
  std::string text = "In " + experiment + " r goes from " + at(there.front()) + " to " + at(there.back());
  if (sure == 0) return text + ".";
  return text + "; of " + counted(sure, "number") + " of examples with an interval it is above 0 at " +
         std::to_string(above) + " and below 0 at " + std::to_string(below) + ".";
}

bool Figure1::applies(const Results& results) const {
  for (const Experiment& experiment : results.experiments) {
    if (experiment.points.size() >= 3) return true;
  }
  return false;
}

FigureData Figure1::compute(const Results& results) const {
  const std::vector<Experiment>& experiments = results.experiments;
  FigureData data;
  data.facts = Json::object();
  data.notes = notes_on(experiments);
  Table correlations{{"experiment", "panel", "kind", "nT", "variant", "measurement", "interference"}, {}};
  add_relation_columns(correlations);
  add_relation_columns(correlations, "network_");  // each network on its own level
  correlations.columns.insert(correlations.columns.end(), {"not_positive", "missing"});
  CoverageTable coverage;
  for (const Experiment& experiment : experiments) {
    if (experiment.points.empty()) continue;
    for (const Variant& variant : variants()) {
      std::vector<std::pair<double, Relation>> line;
      std::vector<Sample> samples;
      int not_positive = 0, missing = 0;
      for (const double size : experiment.sizes()) {
        Sample sample = sample_of(experiment, variant, size);
        const std::string key = experiment.name + "/nT=" + decimal(size, 0);
        const Relation relation = relate(sample, interference, gap, "figure1/" + key + "/" + variant.name());
        const Relation given = relate_within(sample, interference, gap, levels_by_cell(sample.points));
        std::vector<Cell> row{experiment.name,
                              experiment.panel,
                              std::string(experiment.scoring->name),
                              size,
                              variant.name(),
                              std::string(variant.part_name()),
                              std::string(variant.pairs_name())};
        add_relation_cells(row, relation);
        add_relation_cells(row, given);
        row.insert(row.end(),
                   {static_cast<double>(sample.not_positive), static_cast<double>(sample.missing)});
        correlations.rows.push_back(std::move(row));
        add_relation_facts(data.facts, variant.key(key), relation);
        if (variant.is_main()) add_relation_facts(data.facts, key + "/given-network", given);
        line.emplace_back(size, relation);
        not_positive += sample.not_positive;
        missing += sample.missing;
        samples.push_back(std::move(sample));
      }
      say(data.alternatives[variant.name()], describe(experiment.name, line));
      if (!variant.is_main()) continue;
      if (not_positive > 0) {
        data.notes.push_back(experiment.name + ": the mean interference of " + counted(not_positive, "run") +
                             " is not positive and has no logarithm.");
      }
      if (missing > 0) {
        data.notes.push_back(experiment.name + ": " + counted(missing, "run") +
                             " did not measure function interference, or measured no finite number.");
      }
      coverage.add(experiment.name, samples);
    }
  }
  data.alternative = data.alternatives[Variant{}.name()];
  data.tables = {{"correlations", std::move(correlations)}, {"coverage", std::move(coverage.table)}};
  return data;
}

}  // namespace

std::unique_ptr<Figure> make_figure1() { return std::make_unique<Figure1>(); }

}  // namespace crosstalk::figures
