#include <algorithm>
#include <cmath>
#include <memory>

#include "figures/figure.hpp"
#include "figures/notes.hpp"
#include "figures/point.hpp"
#include "figures/relation.hpp"
#include "figures/results.hpp"
#include "figures/words.hpp"
#include "stats/jackknife.hpp"
#include "stats/line.hpp"

namespace crosstalk::figures {
namespace {

constexpr int band_places = 21;
constexpr std::size_t most_points_with_twins = 3000;  // a page with more would take minutes to open

/// The generalisation gap against the log mean function interference, standardised within each experiment,
/// for every run; a line an experiment over all numbers of examples and capacities.
class Figure2 final : public Figure {
 public:
  std::string name() const override { return "figure2"; }
  std::string title() const override { return "Generalisation gap against interference, every run"; }
  std::string caption() const override {
    return "Each mark is a run, read as chosen; its size is the capacity. Interference (means by their "
           "logarithm, "
           "cosines as they are) is standardised within each experiment (mean 0, standard deviation 1). "
           "Lines: least squares over all numbers of examples and capacities, with 90% bands that "
           "leave one configuration out, each for its place alone. The number of examples drives both axes: "
           "r "
           "given the number of examples, each on a level of its own, says what is left without it. Hollow "
           "marks: "
           "runs whose training error over the last quarter is not below 0.9 times that of what needs no "
           "input (the majority class, "
           "the mean of the targets, the policy that never looks).";
  }
  bool applies(const Results& results) const override;
  FigureData compute(const Results& results) const override;
};

struct Scale {
  double mean = 0, deviation = 0;
  double of(double value) const { return deviation > 0 ? (value - mean) / deviation : 0; }
};

Scale scale_of(const std::vector<double>& values) {
  Scale scale;
  for (const double value : values) scale.mean += value / static_cast<double>(values.size());
  for (const double value : values) {
    scale.deviation += (value - scale.mean) * (value - scale.mean) / static_cast<double>(values.size());
  }
  scale.deviation = std::sqrt(scale.deviation);
  return scale;
}

struct Tables {
  Table points{{"run",  "experiment", "panel",  "kind",        "variant",    "measurement",   "interference",
                "seed", "nT",         "hidden", "depth",       "capacity",   "capacity_unit", "step",
                "mean", "x",          "gap",    "train_error", "test_error", "learned",       "unit"},
               {}};
  Table lines{{"experiment", "panel", "kind", "variant", "measurement", "interference", "intercept", "slope",
               "slope_low", "slope_high", "x_from", "x_to", "log_mean", "log_deviation"},
              {}};
  Table bands{{"experiment", "variant", "x", "y", "low", "high"}, {}};
};

void add_points(Table& table, const Experiment& experiment, const Variant& variant, const Sample& sample,
                const std::vector<double>& x) {
  for (std::size_t i = 0; i < sample.points.size(); ++i) {
    const Point& point = *sample.points[i];
    const PointValues& values = point.at(variant.part);
    table.rows.push_back({point.run->record.run,
                          experiment.name,
                          experiment.panel,
                          std::string(experiment.scoring->name),
                          variant.name(),
                          std::string(variant.part_name()),
                          std::string(variant.pairs_name()),
                          static_cast<double>(point.run->record.seed),
                          point.examples,
                          point.run->number("network.hidden", 0),
                          point.run->number("network.depth", 0),
                          point.capacity.value,
                          std::string(point.capacity.unit),
                          static_cast<double>(values.step),
                          cell(values.of(variant.pairs)),
                          x[i],
                          cell(values.gap),
                          cell(values.train_error),
                          cell(values.test_error),
                          point.learned ? Cell(*point.learned) : Cell(),
                          experiment.unit});
  }
}

void add_line(Tables& tables, const Experiment& experiment, const Variant& variant, const Sample& sample,
              const std::vector<double>& x, const Scale& scale, const std::vector<Relation>& relations) {
  const std::vector<double>& gaps = sample.columns.columns[gap];
  const stats::Line line = stats::least_squares(x, gaps);
  std::vector<double> places;
  if (line.defined()) {
    const auto [from, to] = std::minmax_element(x.begin(), x.end());
    for (int i = 0; i < band_places; ++i) places.push_back(*from + (*to - *from) * i / (band_places - 1));
  }
  const stats::Points points{{x, gaps}, sample.columns.configuration, {}};
  const stats::Interval slope = stats::slope(points).interval;
  const std::vector<stats::Interval> heights = stats::line_heights(points, places);
  std::vector<Cell> row{experiment.name,
                        experiment.panel,
                        std::string(experiment.scoring->name),
                        variant.name(),
                        std::string(variant.part_name()),
                        std::string(variant.pairs_name())};
  if (line.defined()) {
    row.insert(row.end(), {line.intercept, line.slope, low(slope), high(slope), places.front(), places.back(),
                           scale.mean, scale.deviation});
  } else {
    row.insert(row.end(), 8, Cell());
  }
  for (const Relation& relation : relations) add_relation_cells(row, relation);
  const int count = static_cast<int>(experiment.points.size()), unlearned = experiment.not_learned(),
            unknown = experiment.unknown_learned();
  row.insert(row.end(),
             {static_cast<double>(count - unlearned - unknown), static_cast<double>(unlearned),
              static_cast<double>(unknown), joined(experiment.pooled), varies_within_cells(sample.points)});
  tables.lines.rows.push_back(std::move(row));
  for (std::size_t i = 0; i < places.size(); ++i) {
    tables.bands.rows.push_back(
        {experiment.name, variant.name(), places[i], line.at(places[i]), low(heights[i]), high(heights[i])});
  }
}

bool Figure2::applies(const Results& results) const {
  for (const Experiment& experiment : results.experiments) {
    if (experiment.points.size() >= 3) return true;
  }
  return false;
}

std::string describe(const Experiment& experiment, const Relation& all, const Relation& partial,
                     const Relation& by_examples) {
  std::string text;
  if (const int unlearned = experiment.not_learned(); unlearned > 0) {
    text = "Of the " + counted(static_cast<std::int64_t>(experiment.points.size()), "run") + " of " +
           experiment.name + " " + with_commas(unlearned) +
           (unlearned == 1 ? " is a hollow mark: its" : " are hollow marks: their") +
           " training error is not a tenth below that of " + std::string(experiment.scoring->without) + ". ";
  }
  return text + "In " + experiment.name + ", over all runs, r is " + in_words(all) +
         "; given the number of examples it is " + in_words(partial) + "; between log nT and the gap it is " +
         in_words(by_examples) + ".";
}

FigureData Figure2::compute(const Results& results) const {
  const std::vector<Experiment>& experiments = results.experiments;
  FigureData data;
  data.facts = Json::object();
  data.notes = notes_on(experiments);
  Tables tables;
  add_relation_columns(tables.lines);
  add_relation_columns(tables.lines, "partial_");
  add_relation_columns(tables.lines, "cell_");
  add_relation_columns(tables.lines, "examples_");
  tables.lines.columns.insert(tables.lines.columns.end(),
                              {"learned", "not_learned", "unknown_learned", "pooled", "cell_varies"});
  std::size_t count = 0;
  for (const Experiment& experiment : experiments) count += experiment.points.size();
  const bool with_twins = count <= most_points_with_twins;
  if (!with_twins)
    data.notes.push_back("The twins' points are not drawn, for there are " + counted(count, "run") + ".");
  for (const Experiment& experiment : experiments) {
    if (experiment.points.empty()) continue;
    Relation
        by_examples_at[parts_of_a_run];  // by PartOfRun: does not depend on which mean over pairs is taken
    for (const Variant& variant : variants()) {
      const Sample sample = sample_of(experiment, variant);
      const Scale scale = scale_of(sample.columns.columns[interference]);
      std::vector<double> x;
      for (const double value : sample.columns.columns[interference]) x.push_back(scale.of(value));
      const std::string seed = "figure2/" + experiment.name + "/" + variant.name();
      const Relation all = relate(sample, interference, gap, seed);
      const Relation partial = relate_within(sample, interference, gap, levels_by_examples(sample.points));
      const Relation in_cells = relate_within(sample, interference, gap, levels_by_cell(sample.points));
      Relation& by_examples = by_examples_at[static_cast<int>(variant.part)];
      if (variant.pairs == PairMean::train_train)
        by_examples = relate(sample, examples, gap, seed + "/examples");
      add_line(tables, experiment, variant, sample, x, scale, {all, partial, in_cells, by_examples});
      if (variant.is_main() || with_twins) add_points(tables.points, experiment, variant, sample, x);
      const std::string key = variant.key(experiment.name);
      add_relation_facts(data.facts, key + "/all", all);
      add_relation_facts(data.facts, key + "/partial", partial);
      add_relation_facts(data.facts, key + "/cells", in_cells);
      if (variant.pairs == PairMean::train_train)
        add_relation_facts(data.facts, key + "/examples", by_examples);
      if (sample.not_positive > 0 && variant.is_main()) {
        data.notes.push_back(experiment.name + ": the mean interference of " +
                             counted(sample.not_positive, "run") + " is not positive and has no logarithm.");
      }
      say(data.alternatives[variant.name()], describe(experiment, all, partial, by_examples));
    }
  }
  data.alternative = data.alternatives[Variant{}.name()];
  data.tables = {{"points", std::move(tables.points)},
                 {"lines", std::move(tables.lines)},
                 {"bands", std::move(tables.bands)}};
  return data;
}

}  // namespace

std::unique_ptr<Figure> make_figure2() { return std::make_unique<Figure2>(); }

}  // namespace crosstalk::figures
