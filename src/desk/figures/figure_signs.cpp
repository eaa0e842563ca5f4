#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <set>

#include "figures/capacity.hpp"
#include "figures/curve.hpp"
#include "figures/figure.hpp"
#include "figures/lines.hpp"
#include "figures/notes.hpp"
#include "figures/relation.hpp"
#include "figures/series.hpp"
#include "figures/words.hpp"

namespace crosstalk::figures {
namespace {

constexpr const char *signs = "sign_variance", *interference = "function_interference";
constexpr const char *layers = "network.layers", *capacity = "capacity";  // swept, and shown for them
constexpr std::size_t least_configurations_drawn = 2;

/// Reward and interference against the sign variance of the TD error: Fig. 7 of Bengio, Pineau and Precup
/// (2020).
class FigureSigns final : public Figure {
 public:
  std::string name() const override { return "figureSigns"; }
  std::string title() const override {
    return "Reward and function interference against the sign variance of the TD error";
  }
  std::string caption() const override {
    return "Each mark is a configuration: the mean over its runs that are done, each the mean of its last "
           "quarter, with 90% intervals over seeds where there are at least four. Both panels have one "
           "horizontal axis. Larger marks have a larger value of the second swept number, and a line joins "
           "the marks of one colour in its order. Hollow: some runs of the configuration diverged, and are "
           "in no mean.";
  }
  bool applies(const Results& results) const override;
  FigureData compute(const Results& results) const override;
};

using Runs = std::vector<const MeasuredRun*>;

/// Agents and value functions by their whole experiment; those of classifiers and regressions have no TD
/// errors.
std::map<std::string, Runs> wholes_of(const Results& results) {
  std::map<std::string, Runs> wholes;
  for (const auto* experiments : {&results.without_examples, &results.experiments}) {
    for (const Experiment& experiment : *experiments) {
      for (const Point& point : experiment.points) wholes[point.run->whole].push_back(point.run);
      for (const MeasuredRun* run : experiment.diverged) wholes[run->whole].push_back(run);
    }
  }
  return wholes;
}

/// The swept keys by the part each has in the picture; empty: there is none.
struct Keys {
  std::string colour, size;
  std::vector<std::string> panel;
};

/// As in the paper, the learning rate is the colour and the width the size where they are swept (of lists of
/// layers: the capacity); otherwise other numbers, and as a colour any key.
Keys keys_of(const Runs& runs) {
  std::vector<std::string> numbers, texts;
  for (const std::string& key : pooled_keys(runs, true)) {
    const bool is_number = std::all_of(
        runs.begin(), runs.end(), [&](const MeasuredRun* run) { return value_of(*run, key).is_number(); });
    (is_number ? numbers : texts).push_back(key);
  }
  const auto take = [](std::vector<std::string>& from, const std::string& wished) -> std::string {
    if (from.empty()) return "";
    auto found = std::find(from.begin(), from.end(), wished);
    if (found == from.end()) found = from.begin();
    const std::string key = *found;
    from.erase(found);
    return key;
  };
  Keys keys;
  if (std::find(numbers.begin(), numbers.end(), "network.hidden") != numbers.end())
    keys.size = take(numbers, "network.hidden");
  else if (std::erase(texts, layers) > 0)
    keys.size = capacity;
  keys.colour = numbers.empty() ? take(texts, "") : take(numbers, "learner.rate");
  if (keys.size.empty()) keys.size = take(numbers, "");
  keys.panel = numbers;
  keys.panel.insert(keys.panel.end(), texts.begin(), texts.end());
  return keys;
}

/// What a run comes to: the mean over its last quarter.
std::optional<double> end_of(const Results& results, const MeasuredRun& run, const std::string& measure,
                             const std::string& split) {
  const Series* series = results.find(run, measure, split);
  if (series == nullptr || series->steps.empty()) return {};
  const std::int64_t last = series->steps.back();
  return mean_over(series, quarter_begins * static_cast<double>(last), last);
}

/// A measure and its split.
using Name = std::pair<std::string, std::string>;

/// The first of these that any of the runs has.
std::optional<Name> first_measured(const Results& results, const Runs& runs, const std::vector<Name>& names) {
  for (const Name& name : names)
    for (const MeasuredRun* run : runs)
      if (results.find(*run, name.first, name.second) != nullptr) return name;
  return {};
}

/// The runs of a panel, and what of them it shows: interference among the samples at which the signs are.
struct SignPanel {
  std::string title;
  Keys keys;
  Runs runs;
  Name variance;
  std::vector<Name> outcomes;  // the reward, then interference; those that there are
};

std::vector<SignPanel> panels_of(const Results& results) {
  std::vector<SignPanel> panels;
  for (const auto& [whole, all] : wholes_of(results)) {
    const Keys keys = keys_of(all);
    std::map<std::string, Runs> divided;
    for (const MeasuredRun* run : all) divided[words_for(*run, keys.panel)].push_back(run);
    for (const auto& [apart, runs] : divided) {
      const std::optional<Name> variance =
          first_measured(results, runs, {{signs, "seen"}, {signs, "train"}, {signs, "test"}});
      std::set<int> configurations;
      for (const MeasuredRun* run : runs)
        if (run->done()) configurations.insert(run->configuration);
      if (!variance || configurations.size() < least_configurations_drawn) continue;
      SignPanel panel{whole + (apart.empty() ? "" : " (" + apart + ")"), keys, runs, *variance, {}};
      const std::string& split = variance->second;
      for (const auto& names :
           {std::vector<Name>{{"return", "train"}, {"return", "evaluation"}, {"reward", "train"}},
            {{interference, split + "-" + split}}})
        if (const std::optional<Name> name = first_measured(results, runs, names))
          panel.outcomes.push_back(*name);
      if (!panel.outcomes.empty()) panels.push_back(std::move(panel));
    }
  }
  return panels;
}

bool FigureSigns::applies(const Results& results) const { return !panels_of(results).empty(); }

/// The runs of one configuration that are done and have both numbers, and the means of these over them.
struct Mark {
  Runs runs;
  std::vector<double> xs, ys;
  stats::Inference x, y;
  const MeasuredRun* any = nullptr;
  int diverged = 0;
};

/// By configuration.
std::map<int, Mark> marks_of(const Results& results, const SignPanel& panel, const Name& outcome) {
  std::map<int, Mark> marks;
  for (const MeasuredRun* run : panel.runs) {
    Mark& mark = marks[run->configuration];
    mark.any = run;
    mark.diverged += run->diverged();
    if (!run->done()) continue;
    const auto x = end_of(results, *run, panel.variance.first, panel.variance.second);
    const auto y = end_of(results, *run, outcome.first, outcome.second);
    if (!x || !y) continue;
    mark.runs.push_back(run);
    mark.xs.push_back(*x);
    mark.ys.push_back(*y);
  }
  for (auto& [_, mark] : marks) {
    if (mark.runs.empty()) continue;
    mark.x = mean_over_runs(mark.runs, mark.xs);
    mark.y = mean_over_runs(mark.runs, mark.ys);
  }
  return marks;
}

/// r over configurations, each the mean of its runs; of the values or, where all are positive, of their
/// logarithms.
Relation relation_of(const std::map<int, Mark>& marks, bool in_logarithm) {
  stats::Points points{{{}, {}}, {}, {}};
  for (const auto& [configuration, mark] : marks) {
    if (mark.runs.empty()) continue;
    const double y = mark.y.value.value;
    points.columns[0].push_back(mark.x.value.value);
    points.columns[1].push_back(in_logarithm ? std::log(y) : y);
    points.configuration.push_back(configuration);
  }
  const stats::Inference inference = stats::correlation(points);
  const int count = points.configurations();
  return {inference.value, inference.interval, stats::Interval::none("these are no single runs"), count,
          count};
}

class Signs {
 public:
  explicit Signs(const Results& results) : results_(results) { add_relation_columns(relations); }

  void add(const SignPanel& panel);

  Table points{
      {"panel", "key", "line", "number", "size_key", "size", "measure", "split", "label", "axis", "variance",
       "variance_low", "variance_high", "mean", "low", "high", "n", "diverged", "no_interval"},
      {}};
  Table relations{{"panel", "measure", "split", "label"}, {}};
  Json facts = Json::object();
  std::string alternative;

 private:
  void add_points(const SignPanel& panel, const Name& outcome, const std::map<int, Mark>& marks);
  std::string related(const SignPanel& panel, const Name& outcome, const std::map<int, Mark>& marks,
                      bool in_logarithm);
  const Results& results_;
};

void Signs::add_points(const SignPanel& panel, const Name& outcome, const std::map<int, Mark>& marks) {
  const auto& [measure, split] = outcome;
  const auto number_of = [this](const MeasuredRun& run, const std::string& key) {
    if (key == capacity) return Cell(capacity_of(results_, run).value);
    const Json value = key.empty() ? Json() : value_of(run, key);
    return value.is_number() ? Cell(value.get<double>()) : Cell();
  };
  for (const auto& [_, mark] : marks) {
    if (mark.runs.empty()) continue;
    const std::string& colour = panel.keys.colour;
    points.rows.push_back({panel.title, colour, colour.empty() ? "" : words_for(*mark.any, {colour}),
                           number_of(*mark.any, colour), panel.keys.size,
                           number_of(*mark.any, panel.keys.size), measure, split, in_words(measure, split),
                           on_axis(measure), cell(mark.x.value), low(mark.x.interval), high(mark.x.interval),
                           cell(mark.y.value), low(mark.y.interval), high(mark.y.interval),
                           static_cast<double>(mark.runs.size()), static_cast<double>(mark.diverged),
                           reason(mark.y.interval.undefined)});
  }
}

/// "the return -0.52 (90% interval -0.80 to -0.11, n = 12)"
std::string Signs::related(const SignPanel& panel, const Name& outcome, const std::map<int, Mark>& marks,
                           bool in_logarithm) {
  const auto& [measure, split] = outcome;
  const Relation relation = relation_of(marks, in_logarithm);
  const std::string name = measure + (in_logarithm ? ".log" : ""),
                    label = (in_logarithm ? "logarithm of " : "") + in_words(measure, split);
  std::vector<Cell> row{panel.title, name, split, label};
  add_relation_cells(row, relation);
  relations.rows.push_back(std::move(row));
  add_relation_facts(facts, panel.title + "/" + name, relation);
  return "the " + label + " " + in_words(relation);
}

void Signs::add(const SignPanel& panel) {
  std::vector<std::string> parts;
  for (const Name& outcome : panel.outcomes) {
    const std::map<int, Mark> marks = marks_of(results_, panel, outcome);
    add_points(panel, outcome, marks);
    parts.push_back(related(panel, outcome, marks, false));
    const bool positive = std::all_of(marks.begin(), marks.end(), [](const auto& each) {
      const Mark& mark = each.second;
      return mark.runs.empty() || mark.y.value.value > 0;
    });
    if (outcome.first == interference && positive) parts.push_back(related(panel, outcome, marks, true));
  }
  say(alternative, "In " + panel.title + " the r over configurations of the " +
                       in_words(panel.variance.first, panel.variance.second) + " is with " + joined(parts) +
                       ".");
}

/// "walk: 3 of 40 runs diverged and are in no mean; nothing is drawn of 1 configuration, whose runs all did."
void note_losses(const SignPanel& panel, std::vector<std::string>& notes) {
  std::map<int, int> done;
  std::int64_t lost = 0;
  for (const MeasuredRun* run : panel.runs) {
    done[run->configuration] += run->done();
    lost += run->diverged();
  }
  if (lost == 0) return;
  const auto gone =
      std::count_if(done.begin(), done.end(), [](const auto& each) { return each.second == 0; });
  notes.push_back(panel.title + ": " + with_commas(lost) + " of " + counted(std::ssize(panel.runs), "run") +
                  " diverged and " + (lost == 1 ? "is" : "are") + " in no mean" +
                  (gone == 0 ? "."
                             : "; nothing is drawn of " + counted(gone, "configuration") +
                                   ", of which every run diverged."));
}

FigureData FigureSigns::compute(const Results& results) const {
  FigureData data;
  std::vector<Experiment> drawn = results.without_examples;
  for (const Experiment& experiment : results.experiments)
    if (experiment.scoring->is_agent()) drawn.push_back(experiment);
  data.notes = notes_on(drawn);
  Signs all(results);
  for (const SignPanel& panel : panels_of(results)) {
    all.add(panel);
    note_losses(panel, data.notes);
  }
  data.alternative = std::move(all.alternative);
  data.facts = std::move(all.facts);
  data.tables = {{"points", std::move(all.points)}, {"relations", std::move(all.relations)}};
  return data;
}

}  // namespace

std::unique_ptr<Figure> make_figure_signs() { return std::make_unique<FigureSigns>(); }

}  // namespace crosstalk::figures
