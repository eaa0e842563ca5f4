#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "figures/results.hpp"

/// Runs without examples (exact environments), as lines over training.
namespace crosstalk::figures {

/// Runs of one experiment that make one line: they differ in their seed alone, or, where their configurations
/// are too many to be told apart, in the keys that their series pools.
struct Line {
  std::string experiment;        // the series
  std::string label;             // what tells it from the other lines of its panel; empty: the series does
  std::optional<double> number;  // where lines differ in one key, whose values are numbers
  std::vector<const MeasuredRun*> done, diverged;
};

/// The lines that are drawn together.
struct LinePanel {
  std::string title;  // an experiment, or one of its series
  std::string whole;  // the experiment
  std::string key;    // in which lines differ; empty: they are series
  std::string unit;   // of the steps: as unit_of_steps says
  std::vector<Line> lines;
};

/// Whether its runs were watched in a training loop that is not crosstalk's.
bool is_watched(const LinePanel& panel);

/// One panel an experiment whose series are configurations; a panel a series where these pool several. More
/// than 12 lines in a panel are one, the pooled line.
std::vector<LinePanel> line_panels(const Results& results);

/// What probe.unit counts in a run: "updates" where it does not say, "steps of the loop" of one that was
/// watched.
std::string unit_of_steps(const MeasuredRun& run);

/// (measure, split) pairs that any of these runs has, scores first, the others in the order of
/// base/measures.def; no shares of signs, and no quantiles.
using Measured = std::vector<std::pair<std::string, std::string>>;
Measured measured_by(const Results& results, const std::vector<const MeasuredRun*>& runs);

/// Whether less or more of a measure is better, where that can be said.
enum class Better { less, more, unknown };
Better better(std::string_view measure);

/// "value error (states)": a measure in words, with what it was measured of; "return" of evaluation episodes.
std::string in_words(const std::string& measure, const std::string& split);

/// "policy churn (share of samples)": a measure in words, with its unit where it has one.
std::string on_axis(const std::string& measure);

/// "3 of 10 runs with learner.rate 1 diverged."; empty where none did.
std::string on_divergence(const Line& line);

}  // namespace crosstalk::figures
