#include "figures/lines.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include "base/measures.hpp"
#include "figures/words.hpp"

namespace crosstalk::figures {
namespace {

constexpr std::size_t most_lines = 12;  // that colours and dashes of a ramp tell apart

struct Score {
  std::string_view measure;
  Better better;
};
/// What runs are judged by, in the order in which figures show it.
constexpr std::array scores{Score{"value_error", Better::less}, Score{"return", Better::more},
                            Score{"reward", Better::more},      Score{"td_error.square", Better::unknown},
                            Score{"td_error", Better::unknown}, Score{"loss", Better::unknown}};
/// Rows beside a measure's own that are no curves of their own.
constexpr std::array<std::string_view, 8> shares{"positive", "zero",   "negative", "sign",
                                                 "left_out", "random", "blind",    "constant"};

/// What rows are measured of, where the name of the split says it in short.
struct Of {
  std::string_view split, words;
};
constexpr std::array of{Of{"evaluation", ""}, Of{"parameters", ""}, Of{"seen", "steps seen"},
                        Of{"seen-seen", "pairs of steps seen"},
                        Of{"transitions-transitions", "pairs of transitions"}};

std::size_t place_among_scores(std::string_view measure) {
  const auto found = std::find_if(scores.begin(), scores.end(),
                                  [&](const Score& score) { return score.measure == measure; });
  return static_cast<std::size_t>(found - scores.begin());
}

/// Scores first, then what base/measures.def has, in its order, then what is not there.
std::size_t rank(std::string_view measure) {
  const std::size_t place = place_among_scores(measure);
  if (place < scores.size()) return place;
  const MeasureEntry* entry = find_measure(measure_of(measure));
  return scores.size() +
         (entry == nullptr ? measure_table.size() : static_cast<std::size_t>(entry - measure_table.data()));
}

/// "TD error, squared": a measure's name as its table has it.
std::string label_of(std::string_view measure) {
  const std::string_view base = measure_of(measure);
  const MeasureEntry* entry = find_measure(base);
  std::string words(entry == nullptr ? measure : entry->label);  // a name of a user's own stays whole
  std::string part(entry == nullptr ? "" : measure.substr(std::min(measure.size(), base.size() + 1)));
  if (part == "square") part = "squared";
  if (!part.empty()) words += ", " + part;
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

bool is_share(std::string_view measure) {
  const std::size_t dot = measure.rfind('.');
  return dot != std::string_view::npos && find_measure(measure_of(measure)) != nullptr &&
         std::find(shares.begin(), shares.end(), measure.substr(dot + 1)) != shares.end();
}

std::vector<const MeasuredRun*> all_runs(const Experiment& experiment) {
  std::vector<const MeasuredRun*> runs = experiment.diverged;
  for (const Point& point : experiment.points) runs.push_back(point.run);
  return runs;
}

void put(Line& line, const Experiment& experiment, const MeasuredRun* run) {
  line.experiment = experiment.name;
  (run->diverged() ? line.diverged : line.done).push_back(run);
}

std::string values_of(const MeasuredRun& run, const std::vector<std::string>& keys) {
  std::string text;
  for (const std::string& key : keys) {
    const auto value = run.record.configuration->find(key);
    text += (text.empty() ? "" : ", ") + key + " " +
            (value == run.record.configuration->end() ? "not a key" : plain(*value));
  }
  return text;
}

std::optional<double> number_of(const MeasuredRun& run, const std::vector<std::string>& keys) {
  const auto value =
      keys.size() == 1 ? run.record.configuration->find(keys[0]) : run.record.configuration->end();
  if (value == run.record.configuration->end() || !value->is_number()) return {};
  return value->get<double>();
}

/// A line for each configuration that the series pools; all are one where these are too many.
std::vector<Line> lines_within(const Experiment& experiment) {
  std::map<std::string, Line> lines;
  Line pooled;
  for (const MeasuredRun* run : all_runs(experiment)) {
    Line& line = lines[values_of(*run, experiment.pooled)];
    line.number = number_of(*run, experiment.pooled);
    put(line, experiment, run);
    put(pooled, experiment, run);
  }
  if (lines.size() > most_lines) return {pooled};
  std::vector<Line> sorted;
  for (auto& [label, line] : lines) {
    line.label = label;
    sorted.push_back(std::move(line));
  }
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Line& a, const Line& b) { return a.number.value_or(0) < b.number.value_or(0); });
  return sorted;
}

}  // namespace

std::string unit_of_steps(const MeasuredRun& run) {
  const std::string unit = run.text("probe.unit");
  return !unit.empty() ? unit : run.is_watched() ? "steps of the loop" : "updates";
}

bool is_watched(const LinePanel& panel) {
  return std::any_of(panel.lines.begin(), panel.lines.end(),
                     [](const Line& line) { return !line.done.empty() && line.done.front()->is_watched(); });
}

std::vector<LinePanel> line_panels(const Results& results) {
  std::map<std::pair<std::string, std::string>, std::vector<const Experiment*>> wholes;  // with the unit
  for (const Experiment& experiment : results.without_examples) {
    const std::vector<const MeasuredRun*> runs = all_runs(experiment);
    if (!runs.empty()) wholes[{runs.front()->whole, unit_of_steps(*runs.front())}].push_back(&experiment);
  }
  std::vector<LinePanel> panels;
  for (const auto& [of, experiments] : wholes) {
    const bool pools = std::any_of(experiments.begin(), experiments.end(),
                                   [](const Experiment* each) { return !each->pooled.empty(); });
    if (!pools) {
      LinePanel& panel = panels.emplace_back(LinePanel{of.first, of.first, "", of.second, {}});
      for (const Experiment* experiment : experiments) {
        Line& line = panel.lines.emplace_back();
        for (const MeasuredRun* run : all_runs(*experiment)) put(line, *experiment, run);
      }
      continue;
    }
    for (const Experiment* experiment : experiments) {
      panels.push_back(
          {experiment->name, of.first, joined(experiment->pooled), of.second, lines_within(*experiment)});
    }
  }
  return panels;
}

Measured measured_by(const Results& results, const std::vector<const MeasuredRun*>& runs) {
  std::set<int> numbers;
  for (const MeasuredRun* run : runs) {
    for (const auto& [number, _] : run->series) numbers.insert(number);
  }
  Measured measured;
  for (const auto& [name, number] : results.names) {
    if (numbers.contains(number) && !is_share(name.first)) measured.push_back(name);
  }
  std::stable_sort(measured.begin(), measured.end(),
                   [](const auto& a, const auto& b) { return rank(a.first) < rank(b.first); });
  return measured;
}

Better better(std::string_view measure) {
  const std::size_t place = place_among_scores(measure);
  return place < scores.size() ? scores[place].better : Better::unknown;
}

std::string in_words(const std::string& measure, const std::string& split) {
  const auto found = std::find_if(of.begin(), of.end(), [&](const Of& each) { return each.split == split; });
  const std::string words(found == of.end() ? split : found->words);
  return label_of(measure) + (words.empty() ? "" : " (" + words + ")");
}

std::string on_axis(const std::string& measure) {
  const MeasureEntry* entry = find_measure(measure);  // what stands beside a measure may have another unit
  const std::string unit(entry == nullptr ? "" : entry->unit);
  return label_of(measure) + (unit.empty() ? "" : " (" + unit + ")");
}

std::string on_divergence(const Line& line) {
  if (line.diverged.empty()) return "";
  const std::size_t all = line.done.size() + line.diverged.size();
  return with_commas(std::ssize(line.diverged)) + " of " + counted(static_cast<std::int64_t>(all), "run") +
         " of " + line.experiment + (line.label.empty() ? "" : " with " + line.label) + " diverged.";
}

}  // namespace crosstalk::figures
