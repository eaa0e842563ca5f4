#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "figures/curve.hpp"
#include "figures/figure.hpp"
#include "figures/lines.hpp"
#include "figures/notes.hpp"
#include "figures/returns.hpp"
#include "figures/words.hpp"
#include "stats/interquartile.hpp"

namespace crosstalk::figures {
namespace {

constexpr const char* measure = "return";
constexpr const char* means[] = {"mean", "interquartile mean"};
constexpr std::size_t most_described = 4;  // lines in a sentence

/// What agents earn over training, in environments whose runs have no examples.
class FigureReturn final : public Figure {
 public:
  std::string name() const override { return "figureReturn"; }
  std::string title() const override { return "What the agents earn, over training"; }
  std::string caption() const override {
    return "The return is the undiscounted sum of an episode's rewards, as the policy learned so far earns "
           "it. Left the mean over the runs of a line, with the 90% interval that leaves one seed out at a "
           "time (of runs of several configurations, one configuration). Right their interquartile mean, "
           "which "
           "leaves out the best and the worst quarter of the runs, with the 90% interval of runs drawn again "
           "within each configuration (rliable's). That interval is too narrow for few seeds. Both have one "
           "axis. "
           "Runs that diverged are in neither.";
  }
  bool applies(const Results& results) const override { return !splits_of(results).empty(); }
  FigureData compute(const Results& results) const override;

 private:
  /// Without watched loops: what a return is there, the loop alone knows.
  static std::vector<LinePanel> panels_of(const Results& results);
  /// Of the rows of this measure that runs without examples have.
  static std::vector<std::string> splits_of(const Results& results);
};

std::vector<LinePanel> FigureReturn::panels_of(const Results& results) {
  std::vector<LinePanel> panels = line_panels(results);
  std::erase_if(panels, is_watched);
  return panels;
}

std::vector<std::string> FigureReturn::splits_of(const Results& results) {
  std::vector<std::string> splits;
  for (const LinePanel& panel : panels_of(results)) {
    for (const Line& line : panel.lines) {
      for (const auto& [name, split] : measured_by(results, line.done)) {
        if (name == measure && std::find(splits.begin(), splits.end(), split) == splits.end())
          splits.push_back(split);
      }
    }
  }
  return splits;
}

/// The values at a step by configuration: runs that differ in their seed alone are a group.
std::vector<std::vector<double>> by_configuration(const Line& line, const stats::Points& points) {
  std::set<int> configurations;
  for (const MeasuredRun* run : line.done) configurations.insert(run->configuration);
  if (configurations.size() == 1) return {points.columns[0]};
  std::map<int, std::vector<double>> groups;
  for (std::size_t i = 0; i < points.configuration.size(); ++i)
    groups[points.configuration[i]].push_back(points.columns[0][i]);
  std::vector<std::vector<double>> values;
  for (auto& [_, group] : groups) values.push_back(std::move(group));
  return values;
}

/// Where a line ends: both means, with their intervals.
struct End {
  std::string name;
  double first = 0;
  stats::Estimate value[2];
  stats::Interval interval[2];
};

class Returns {
 public:
  explicit Returns(const Results& results) : results_(results) {}

  void add(const LinePanel& panel, const std::string& split);
  /// What a policy earns that draws its actions uniformly, over the tasks and seeds of a panel: all that
  /// learns in one of these has measured the same.
  void add_random(const LinePanel& panel, const std::string& split);

  Table curves{{"experiment", "panel", "key", "line", "number", "unit", "split", "statistic", "label", "axis",
                "step", "value", "low", "high", "n", "configurations", "no_interval"},
               {}};
  Table lines{{"panel", "split", "policy", "label", "value", "min", "max", "n"}, {}};
  Json facts = Json::object();
  std::string alternative;
  std::map<std::string, int> not_finite;  // by experiment

 private:
  std::optional<End> add(const LinePanel& panel, const Line& line, const std::string& split);
  const Results& results_;
};

std::optional<End> Returns::add(const LinePanel& panel, const Line& line, const std::string& split) {
  const Curve curve = curve_of(results_, line.done, measure, split);
  not_finite[line.experiment] += curve.not_finite;
  if (curve.steps.empty()) return {};
  End end{.name = line.label.empty() ? line.experiment : line.label, .first = curve.steps.front().mean};
  const std::string key = line.experiment + (line.label.empty() ? "" : "/" + line.label) + "/return/" + split;
  for (const Curve::At& at : curve.steps) {
    const std::string stream = key + "/" + std::to_string(at.step);
    end.value[0] = {at.mean, {}};
    end.interval[0] = at.interval;
    end.value[1] = stats::interquartile_mean(at.points.columns[0]);
    end.interval[1] = stats::interquartile_interval(by_configuration(line, at.points), stream);
    for (int i = 0; i < 2; ++i) {
      curves.rows.push_back(
          {line.experiment, panel.title, panel.key, line.label, cell(line.number), panel.unit, split,
           means[i], std::string(means[i]) + " " + in_words(measure, split),
           std::string(means[i]) + " " + on_axis(measure), static_cast<double>(at.step), cell(end.value[i]),
           low(end.interval[i]), high(end.interval[i]), static_cast<double>(at.points.configuration.size()),
           static_cast<double>(at.points.configurations()), reason(end.interval[i].undefined)});
    }
  }
  facts[key + "/mean"] = fact(end.value[0]);
  facts[key + "/interquartile-mean"] = fact(end.value[1]);
  return end;
}

void Returns::add(const LinePanel& panel, const std::string& split) {
  std::vector<End> ends;
  for (const Line& line : panel.lines) {
    if (std::optional<End> end = add(panel, line, split)) ends.push_back(std::move(*end));
  }
  if (ends.empty()) return;
  const auto said = [&](const End& end) {
    const bool alone = ends.size() == 1 && end.name == panel.title;
    return (alone ? "" : "with " + end.name + " ") + "from " + significant(end.first) + " to " +
           significant(end.value[0].value) + " (interquartile mean " + significant(end.value[1].value) + ")";
  };
  const std::string begin = "In " + panel.title + " the mean " + in_words(measure, split) + " goes ";
  std::vector<std::string> parts;
  if (ends.size() > most_described) {
    const auto by_end = [](const End& a, const End& b) { return a.value[0].value < b.value[0].value; };
    const auto [least, most] = std::minmax_element(ends.begin(), ends.end(), by_end);
    say(alternative, begin + said(*most) + ", and of " + counted(std::ssize(ends), "line") + " least far " +
                         said(*least) + ".");
    return;
  }
  for (const End& end : ends) parts.push_back(said(end));
  say(alternative, begin + joined(parts) + ".");
}

void Returns::add_random(const LinePanel& panel, const std::string& split) {
  std::vector<double> values;
  std::set<std::pair<std::string, std::uint64_t>> seen;
  for (const Line& line : panel.lines) {
    for (const MeasuredRun* run : line.done) {
      const Series* series = results_.find(*run, std::string(measure) + ".random", split);
      if (series == nullptr || series->values.empty()) continue;
      if (seen.insert({task_of(results_, *run), run->record.seed}).second)
        values.push_back(series->values.front());
    }
  }
  const stats::Summary summary = stats::summarise(values);
  if (!summary.mean.defined()) return;
  lines.rows.push_back({panel.title, split, "random", "a policy that acts at random", summary.mean.value,
                        summary.min.value, summary.max.value, static_cast<double>(summary.n)});
  facts[panel.title + "/return.random/" + split] = fact(summary.mean);
  const std::string where = split == "evaluation" ? "" : " on " + split + " levels";
  say(alternative, "A policy that acts at random earns " + significant(summary.mean.value) + where + ".");
}

FigureData FigureReturn::compute(const Results& results) const {
  FigureData data;
  data.notes = notes_on(results.without_examples);
  Returns returns(results);
  for (const LinePanel& panel : panels_of(results)) {
    for (const std::string& split : splits_of(results)) {
      returns.add(panel, split);
      returns.add_random(panel, split);
    }
    for (const Line& line : panel.lines) {
      if (const std::string lost = on_divergence(line); !lost.empty()) data.notes.push_back(lost);
    }
  }
  for (const auto& [experiment, count] : returns.not_finite) {
    if (count > 0) data.notes.push_back(note_on_not_finite(experiment, count));
  }
  data.alternative = std::move(returns.alternative);
  data.facts = std::move(returns.facts);
  data.tables = {{"curves", std::move(returns.curves)}, {"lines", std::move(returns.lines)}};
  return data;
}

}  // namespace

std::unique_ptr<Figure> make_figure_return() { return std::make_unique<FigureReturn>(); }

}  // namespace crosstalk::figures
