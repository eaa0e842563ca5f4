#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <set>

#include "base/measures.hpp"
#include "figures/curve.hpp"
#include "figures/figure.hpp"
#include "figures/lines.hpp"
#include "figures/notes.hpp"
#include "figures/words.hpp"

namespace crosstalk::figures {
namespace {

constexpr std::size_t most_panels = 12;   // of one experiment; the table has what is not drawn
constexpr std::size_t most_watched = 24;  // of one that was watched
constexpr std::size_t least_drawn = 3;    // measures, however many panels: what is learned, gap, interference
constexpr std::size_t most_described = 4;  // lines in a sentence
constexpr std::size_t most_listed = 4;     // measures whose last value stands with each run

/// Whatever runs without examples measure, over training.
class FigureMeasures final : public Figure {
 public:
  std::string name() const override { return "figureMeasures"; }
  std::string title() const override { return "What the runs measured, over training"; }
  std::string caption() const override {
    return "Mean over the runs that are done, with 90% intervals over their seeds where there are at least "
           "four (of runs of several configurations: leaving one configuration out with all its seeds), each "
           "for its place alone. Dotted: mean over the runs that diverged, until the first of them did; each "
           "× at the upper edge is a run at its last measurement before that.";
  }
  bool applies(const Results& results) const override { return !line_panels(results).empty(); }
  FigureData compute(const Results& results) const override;
};

Cell number_of(const Line& line) { return cell(line.number); }

std::vector<Cell> head_of(const LinePanel& panel, const Line& line) {
  return {line.experiment, panel.title, panel.key, line.label, number_of(line), panel.unit};
}

/// The last value of each of these runs that has a finite one.
struct Ends {
  std::vector<const MeasuredRun*> runs;
  std::vector<double> values;
};
Ends ends_of(const Results& results, const std::vector<const MeasuredRun*>& runs, const std::string& measure,
             const std::string& split) {
  Ends ends;
  for (const MeasuredRun* run : runs) {
    const Series* series = results.find(*run, measure, split);
    if (series == nullptr || series->values.empty() || !std::isfinite(series->values.back())) continue;
    ends.runs.push_back(run);
    ends.values.push_back(series->values.back());
  }
  return ends;
}

class Tables {
 public:
  explicit Tables(const Results& results) : results_(results) {}

  /// `place`: of the measure among all; the first are drawn, and stand with each run.
  void add(const LinePanel& panel, const Line& line, const std::string& measure, const std::string& split,
           std::size_t place, std::size_t drawn);
  void add_lost(const LinePanel& panel, const Line& line);

  Table curves{{"experiment", "panel", "key", "line", "number", "unit", "measure", "split", "label", "axis",
                "diverged", "drawn", "step", "mean", "low", "high", "n", "configurations", "no_interval"},
               {}};
  Table ends{{"experiment", "panel", "key", "line", "number", "unit", "measure", "split", "label", "runs",
              "diverged", "first", "last", "low", "high", "n", "no_interval"},
             {}};
  Table runs{{"run", "measure", "split", "label", "last"}, {}};
  Table lost{{"experiment", "panel", "key", "line", "number", "unit", "step", "runs"}, {}};
  Json facts = Json::object();
  std::map<std::string, int> not_finite;  // by experiment

 private:
  void add_curve(const std::vector<Cell>& head, const Curve& curve, bool diverged, bool drawn);
  const Results& results_;
};

void Tables::add_curve(const std::vector<Cell>& head, const Curve& curve, bool diverged, bool drawn) {
  for (const Curve::At& at : curve.steps) {
    std::vector<Cell> row = head;
    row.insert(row.end(), {diverged, drawn, static_cast<double>(at.step), at.mean, low(at.interval),
                           high(at.interval), static_cast<double>(at.points.configuration.size()),
                           static_cast<double>(at.points.configurations()), reason(at.interval.undefined)});
    curves.rows.push_back(std::move(row));
  }
}

void Tables::add(const LinePanel& panel, const Line& line, const std::string& measure,
                 const std::string& split, std::size_t place, std::size_t drawn) {
  const Curve done = curve_of(results_, line.done, measure, split);
  const Curve diverged =
      curve_of(results_, line.diverged, measure, split, common_end(results_, line.diverged, measure, split));
  if (done.steps.empty() && diverged.steps.empty()) return;
  not_finite[line.experiment] += done.not_finite;
  std::vector<Cell> head = head_of(panel, line);
  head.insert(head.end(), {measure, split, in_words(measure, split)});
  std::vector<Cell> of_curve = head;
  of_curve.push_back(on_axis(measure));
  add_curve(of_curve, done, false, place < drawn);
  add_curve(of_curve, diverged, true, place < drawn);
  const Ends last = ends_of(results_, line.done, measure, split);
  for (std::size_t i = 0; i < last.runs.size() && place < most_listed; ++i)
    runs.rows.push_back({last.runs[i]->record.run, measure, split, in_words(measure, split), last.values[i]});
  const stats::Inference end = mean_over_runs(last.runs, last.values);
  const Cell first = done.steps.empty() ? Cell() : Cell(done.steps.front().mean);
  head.insert(head.end(),
              {static_cast<double>(line.done.size() + line.diverged.size()),
               static_cast<double>(line.diverged.size()), first, cell(end.value), low(end.interval),
               high(end.interval), static_cast<double>(last.values.size()), reason(end.interval.undefined)});
  ends.rows.push_back(std::move(head));
  const std::string key =
      line.experiment + (line.label.empty() ? "" : "/" + line.label) + "/" + measure + "/" + split;
  if (!done.steps.empty()) facts[key + "/first"] = fact(done.steps.front().mean);
  facts[key + "/last"] = fact(end.value);
  facts[key + "/n"] = last.values.size();
}

void Tables::add_lost(const LinePanel& panel, const Line& line) {
  std::map<std::int64_t, int> steps;
  for (const MeasuredRun* run : line.diverged) ++steps[std::max<std::int64_t>(0, last_step(*run))];
  for (const auto& [step, runs] : steps) {
    std::vector<Cell> row = head_of(panel, line);
    row.insert(row.end(), {static_cast<double>(step), static_cast<double>(runs)});
    lost.rows.push_back(std::move(row));
  }
  if (!line.diverged.empty())
    facts[line.experiment + (line.label.empty() ? "" : "/" + line.label) + "/diverged"] =
        line.diverged.size();
}

/// "In boyan the value error (states) goes, from the first measurement to the last, from 1.2 to 0.03."; of
/// many lines, which end least and largest.
std::string describe(const LinePanel& panel, const std::string& measure, const std::string& split,
                     const Table& ends) {
  struct End {
    std::string name;
    double first, last;
  };
  std::vector<End> found;
  const auto text = [](const Cell& cell) { return std::get<std::string>(cell); };
  for (const std::vector<Cell>& row : ends.rows) {
    if (text(row[1]) != panel.title || text(row[6]) != measure || text(row[7]) != split) continue;
    if (!std::holds_alternative<double>(row[11]) || !std::holds_alternative<double>(row[12])) continue;
    const std::string name = text(row[3]).empty() ? text(row[0]) : text(row[3]);
    found.push_back({name, std::get<double>(row[11]), std::get<double>(row[12])});
  }
  if (found.empty()) return "";
  const std::string begin = "In " + panel.title + " the " + in_words(measure, split);
  if (found.size() > most_described) {
    const auto [least, largest] = std::minmax_element(
        found.begin(), found.end(), [](const End& a, const End& b) { return a.last < b.last; });
    return begin + " is at the last measurement least with " + least->name + " (" + significant(least->last) +
           ") and largest with " + largest->name + " (" + significant(largest->last) + "), of " +
           counted(std::ssize(found), "line") + ".";
  }
  std::vector<std::string> parts;
  for (const End& end : found) {
    const bool alone = found.size() == 1 && end.name == panel.title;
    parts.push_back("from " + significant(end.first) + " to " + significant(end.last) +
                    (alone ? "" : " with " + end.name));
  }
  return begin + " goes, from the first measurement to the last, " + joined(parts) + ".";
}

/// The runs of all panels of one experiment.
std::vector<const MeasuredRun*> runs_of(const std::vector<LinePanel>& panels, const std::string& whole) {
  std::vector<const MeasuredRun*> runs;
  for (const LinePanel& panel : panels) {
    for (const Line& line : panel.lines) {
      if (panel.whole != whole) continue;
      runs.insert(runs.end(), line.done.begin(), line.done.end());
      runs.insert(runs.end(), line.diverged.begin(), line.diverged.end());
    }
  }
  return runs;
}

/// How many measures of an experiment are drawn, so that its panels can be looked through.
std::size_t drawn_of(const std::vector<LinePanel>& panels, const std::string& whole, std::size_t measures) {
  const auto abreast = static_cast<std::size_t>(std::count_if(
      panels.begin(), panels.end(), [&](const LinePanel& panel) { return panel.whole == whole; }));
  const bool watched = std::any_of(panels.begin(), panels.end(), [&](const LinePanel& panel) {
    return panel.whole == whole && is_watched(panel);
  });
  return std::min(measures, std::max(least_drawn, (watched ? most_watched : most_panels) / abreast));
}

/// The first that are drawn, where not all are: the measure that runs are judged by, the gap, the
/// interference, then the other measures, then what rows they have beside their own; in the order in which
/// they were.
Measured drawn_first(Measured measured, std::size_t drawn) {
  if (measured.size() <= drawn) return measured;
  const auto importance = [&](const auto& each) {
    if (each == measured.front()) return 0;
    const bool is_wanted = each.first == "gap" || each.first == "function_interference";
    if (is_wanted && each.second != "train-train" && each.second != "test-test") return 1;
    return find_measure(each.first) != nullptr ? 2 : 3;
  };
  Measured chosen = measured;
  std::stable_sort(chosen.begin(), chosen.end(),
                   [&](const auto& a, const auto& b) { return importance(a) < importance(b); });
  chosen.resize(drawn);
  std::stable_partition(measured.begin(), measured.end(), [&](const auto& each) {
    return std::find(chosen.begin(), chosen.end(), each) != chosen.end();
  });
  return measured;
}

void add_whole(const Results& results, const std::vector<LinePanel>& panels, const std::string& whole,
               Tables& tables, FigureData& data) {
  const Measured all = measured_by(results, runs_of(panels, whole));
  const std::size_t drawn = drawn_of(panels, whole, all.size());
  const Measured measured = drawn_first(all, drawn);
  for (std::size_t i = 0; i < measured.size(); ++i) {
    const auto& [measure, split] = measured[i];
    for (const LinePanel& panel : panels) {
      if (panel.whole != whole) continue;
      const bool elsewhere =
          measure == "return" && measured.size() > 1 && !is_watched(panel);  // figureReturn draws it
      for (const Line& line : panel.lines) tables.add(panel, line, measure, split, i, elsewhere ? 0 : drawn);
      const std::string said = i == 0 ? describe(panel, measure, split, tables.ends) : "";
      if (!said.empty()) say(data.alternative, said);
    }
  }
  if (measured.size() > drawn)
    data.notes.push_back(
        whole + ": " + counted(std::ssize(measured) - static_cast<std::int64_t>(drawn), "measure") +
        " more " + (measured.size() - drawn == 1 ? "is" : "are") + " in the table, and not drawn.");
}

FigureData FigureMeasures::compute(const Results& results) const {
  FigureData data;
  data.notes = notes_on(results.without_examples);
  const std::vector<LinePanel> panels = line_panels(results);
  Tables tables(results);
  std::set<std::string> wholes;
  for (const LinePanel& panel : panels) {
    if (wholes.insert(panel.whole).second) add_whole(results, panels, panel.whole, tables, data);
    for (const Line& line : panel.lines) {
      tables.add_lost(panel, line);
      if (const std::string lost = on_divergence(line); !lost.empty()) say(data.alternative, lost);
    }
  }
  for (const auto& [experiment, count] : tables.not_finite) {
    if (count > 0) data.notes.push_back(note_on_not_finite(experiment, count));
  }
  data.facts = std::move(tables.facts);
  data.tables = {{"curves", std::move(tables.curves)},
                 {"ends", std::move(tables.ends)},
                 {"runs", std::move(tables.runs)},
                 {"lost", std::move(tables.lost)}};
  return data;
}

}  // namespace

std::unique_ptr<Figure> make_figure_measures() { return std::make_unique<FigureMeasures>(); }

}  // namespace crosstalk::figures
