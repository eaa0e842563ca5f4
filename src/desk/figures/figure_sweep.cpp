#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <set>

#include "figures/curve.hpp"
#include "figures/figure.hpp"
#include "figures/lines.hpp"
#include "figures/notes.hpp"
#include "figures/series.hpp"
#include "figures/words.hpp"

namespace crosstalk::figures {
namespace {

constexpr std::size_t least_values = 3;  // of a key that is an axis
constexpr std::size_t most_drawn = 6;    // measures

/// The mean of a measure over whole runs against a swept number: of value_error against the step size, a line
/// for each lambda, the figure 12.3 of Sutton and Barto (2018).
class FigureSweep final : public Figure {
 public:
  std::string name() const override { return "figureSweep"; }
  std::string title() const override { return "What a whole run comes to, by the numbers that were swept"; }
  std::string caption() const override {
    return "Each run is the mean of its measurements, without the one before the first update; a place is "
           "the mean over the runs of one configuration, with a 90% interval over their seeds where there "
           "are "
           "at least four, for its place alone. Where some configuration does better than before learning, "
           "the axis ends at the value before learning: "
           "what is worse lies beyond it. × at the upper edge: runs that diverged, which are in no mean.";
  }
  bool applies(const Results& results) const override;
  FigureData compute(const Results& results) const override;
};

/// The keys of an experiment that are swept, by the part each has in the picture.
struct Axes {
  std::string x;                   // a number with the most values
  std::string line;                // the other key with numbers, or any; empty: there is none
  std::vector<std::string> panel;  // what is left
};

using Runs = std::vector<const MeasuredRun*>;

std::map<std::string, Runs> experiments_of(const Results& results) {
  std::map<std::string, Runs> wholes;
  for (const Experiment& experiment : results.without_examples) {
    for (const Point& point : experiment.points)
      if (point.run->done()) wholes[point.run->whole].push_back(point.run);
    for (const MeasuredRun* run : experiment.diverged) wholes[run->whole].push_back(run);
  }
  return wholes;
}

std::optional<Axes> axes_of(const Runs& runs) {
  std::vector<std::pair<std::size_t, std::string>>
      numbers;  // keys whose values are numbers, most values first
  std::vector<std::string> others;
  for (const std::string& key : pooled_keys(runs, true)) {
    std::set<Json> values;
    for (const MeasuredRun* run : runs) values.insert(value_of(*run, key));
    const bool is_number =
        std::all_of(values.begin(), values.end(), [](const Json& value) { return value.is_number(); });
    if (is_number)
      numbers.emplace_back(values.size(), key);
    else
      others.push_back(key);
  }
  std::stable_sort(numbers.begin(), numbers.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  if (numbers.empty() || numbers[0].first < least_values) return {};
  Axes axes{numbers[0].second, "", others};
  for (std::size_t i = 1; i < numbers.size(); ++i) axes.panel.push_back(numbers[i].second);
  if (numbers.size() > 1 || !others.empty()) {
    axes.line = numbers.size() > 1 ? numbers[1].second : others[0];
    std::erase(axes.panel, axes.line);
  }
  return axes;
}

bool FigureSweep::applies(const Results& results) const {
  const auto wholes = experiments_of(results);
  return std::any_of(wholes.begin(), wholes.end(),
                     [](const auto& whole) { return axes_of(whole.second).has_value(); });
}

/// The mean of a run's measurements after its first step; of a run that has no other, the one there.
std::optional<double> mean_of(const Series* series) {
  if (series == nullptr || series->steps.empty()) return {};
  const bool alone = series->steps.back() == 0;
  return mean_over(series, alone ? 0 : 1, series->steps.back());
}

struct Place {
  Runs runs;
  std::vector<double> values;
  int diverged = 0;
};

/// The places of one line, by x.
using Places = std::map<double, Place>;

struct Lines {
  std::map<std::pair<Json, std::string>, Places> by_line;  // by the line's value; text: the same for a label
  double start = 0;                                        // sum over runs of the value before learning
  int started = 0;
};

/// By panel.
std::map<std::string, Lines> lines_of(const Results& results, const Runs& runs, const Axes& axes,
                                      const std::string& measure, const std::string& split) {
  std::map<std::string, Lines> panels;
  for (const MeasuredRun* run : runs) {
    Lines& lines = panels[words_for(*run, axes.panel)];
    const Json line = axes.line.empty() ? Json() : value_of(*run, axes.line);
    const Series* series = results.find(*run, measure, split);
    Place& place = lines.by_line[{line, line.is_null() ? "" : plain(line)}][run->number(axes.x, 0)];
    if (const std::optional<double> start = series == nullptr ? std::nullopt : series->at(0)) {
      lines.start += *start;
      ++lines.started;
    }
    place.diverged += !run->done();
    const std::optional<double> mean = run->done() ? mean_of(series) : std::nullopt;
    if (!mean) continue;
    place.runs.push_back(run);
    place.values.push_back(*mean);
  }
  return panels;
}

Cell name_of(Better direction) {
  if (direction == Better::unknown) return Cell();
  return std::string(direction == Better::less ? "less" : "more");
}

/// Where a line is best, if it is anywhere.
struct Best {
  double x = 0, mean = 0;
};

std::optional<Best> add_places(Table& table, const std::vector<Cell>& head, const Places& places,
                               Better direction) {
  std::optional<Best> best;
  for (const auto& [x, place] : places) {
    const stats::Inference mean = mean_over_runs(place.runs, place.values);
    std::vector<Cell> row = head;
    row.insert(row.end(), {x, cell(mean.value), low(mean.interval), high(mean.interval),
                           static_cast<double>(place.values.size()), static_cast<double>(place.diverged),
                           reason(mean.interval.undefined)});
    table.rows.push_back(std::move(row));
    if (!mean.value.defined() || place.diverged > 0 || direction == Better::unknown) continue;
    const double value = mean.value.value;
    if (!best || (direction == Better::less ? value < best->mean : value > best->mean)) best = Best{x, value};
  }
  return best;
}

void add_measure(FigureData& data, Table& table, const Results& results, const std::string& whole,
                 const Runs& runs, const Axes& axes, const std::pair<std::string, std::string>& measured,
                 bool drawn, bool told) {
  const auto& [measure, split] = measured;
  const Better direction = better(measure);
  for (const auto& [panel, lines] : lines_of(results, runs, axes, measure, split)) {
    const std::string title = whole + (panel.empty() ? "" : " (" + panel + ")");
    const Cell start = lines.started > 0 ? Cell(lines.start / lines.started) : Cell();
    std::vector<std::string> parts;
    for (const auto& [line, places] : lines.by_line) {
      const Cell number = line.first.is_number() ? Cell(line.first.get<double>()) : Cell();
      const std::vector<Cell> head{title,     axes.x,
                                   axes.line, line.second,
                                   number,    measure,
                                   split,     in_words(measure, split),
                                   drawn,     name_of(direction),
                                   start};
      const std::optional<Best> best = add_places(table, head, places, direction);
      if (!best) continue;
      const std::string named = line.second.empty() ? "" : axes.line + " " + line.second;
      const std::string key = title + (named.empty() ? "" : "/" + named) + "/" + measure + "/" + split;
      data.facts[key + "/best"] = fact(best->mean);
      data.facts[key + "/best-at"] = fact(best->x);
      parts.push_back((named.empty() ? "" : "with " + named + " ") + "at " + axes.x + " " +
                      significant(best->x) + " (" + significant(best->mean) + ")");
    }
    if (told && !parts.empty())
      say(data.alternative, "In " + title + " the mean " + in_words(measure, split) + " over a run is " +
                                (direction == Better::less ? "least " : "largest ") + joined(parts) + ".");
  }
}

FigureData FigureSweep::compute(const Results& results) const {
  FigureData data;
  data.facts = Json::object();
  data.notes = notes_on(results.without_examples);
  Table table{{"panel", "x_key", "line_key", "line", "number", "measure", "split", "label", "drawn", "better",
               "start", "x", "mean", "low", "high", "n", "diverged", "no_interval"},
              {}};
  for (const auto& [whole, runs] : experiments_of(results)) {
    const std::optional<Axes> axes = axes_of(runs);
    if (!axes) continue;
    const Measured measured = measured_by(results, runs);
    for (std::size_t i = 0; i < measured.size(); ++i)
      add_measure(data, table, results, whole, runs, *axes, measured[i], i < most_drawn, i == 0);
    if (measured.size() > most_drawn)
      data.notes.push_back(whole + ": the table has all measures, the chart the first " +
                           std::to_string(most_drawn) + ".");
  }
  data.tables = {{"means", std::move(table)}};
  return data;
}

}  // namespace

std::unique_ptr<Figure> make_figure_sweep() { return std::make_unique<FigureSweep>(); }

}  // namespace crosstalk::figures
