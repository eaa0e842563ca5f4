#include <algorithm>
#include <map>
#include <memory>

#include "figures/curve.hpp"
#include "figures/figure.hpp"
#include "figures/lines.hpp"
#include "figures/notes.hpp"
#include "figures/words.hpp"

namespace crosstalk::figures {
namespace {

constexpr const char* split = "others-batch";
constexpr const char* terms[] = {"rho_prime.r1", "rho_prime.r2", "rho_prime.r3"};
struct Statistic {
  const char *name, *ending;
};
constexpr Statistic statistics[] = {
    {"mean", ""}, {"mean of the positive pairs", ".above"}, {"mean of the negative pairs", ".below"}};

/// How interference evolves: the three terms of its derivative over training, Fig. 8 of Bengio, Pineau and
/// Precup (2020).
class Figure8 final : public Figure {
 public:
  std::string name() const override { return "figure8"; }
  std::string title() const override { return "The terms of interference's derivative"; }
  std::string caption() const override {
    return "The three terms of the derivative of interference along a step of SGD, which is - r1 - r2 - r3, "
           "with targets as if they were the learning network's, whatever they are (the rows that end in "
           ".own "
           "have them as they move), over pairs of samples: full lines the mean over the pairs above 0 and "
           "that over those below 0, "
           "dashed the mean over all; means over runs, with 90% intervals over their seeds where there are "
           "at least four (of runs of several configurations: leaving one configuration out with all its "
           "seeds). The axis is linear near 0 and logarithmic beyond.";
  }
  bool applies(const Results& results) const override { return !panels_of(results).empty(); }
  FigureData compute(const Results& results) const override;

 private:
  /// Those of which a run has measured a term.
  static std::vector<LinePanel> panels_of(const Results& results) {
    std::vector<LinePanel> panels = line_panels(results);
    std::erase_if(panels, [&](const LinePanel& panel) {
      return std::ranges::none_of(panel.lines, [&](const Line& line) {
        return std::ranges::any_of(line.done, [&](const MeasuredRun* run) {
          return std::ranges::any_of(
              terms, [&](const char* term) { return results.find(*run, term, split) != nullptr; });
        });
      });
    });
    return panels;
  }
};

/// Adds the curves of one term of a line; what its mean ends at.
std::optional<double> add_term(const Results& results, const LinePanel& panel, const Line& line,
                               const std::string& term, Table& curves, std::map<std::string, int>& lost) {
  std::optional<double> end;
  for (const Statistic& statistic : statistics) {
    const Curve curve = curve_of(results, line.done, term + statistic.ending, split);
    lost[line.experiment] += curve.not_finite;
    for (const Curve::At& at : curve.steps)
      curves.rows.push_back({line.experiment, panel.title, panel.key, line.label, cell(line.number),
                             panel.unit, term.substr(term.rfind('.') + 1), statistic.name, in_words(term, ""),
                             static_cast<double>(at.step), at.mean, low(at.interval), high(at.interval),
                             static_cast<double>(at.points.configuration.size()),
                             static_cast<double>(at.points.configurations()), reason(at.interval.undefined)});
    if (!end && !curve.steps.empty()) end = curve.steps.back().mean;
  }
  return end;
}

FigureData Figure8::compute(const Results& results) const {
  FigureData data;
  data.facts = Json::object();
  data.notes = notes_on(results.without_examples);
  Table curves{{"experiment", "panel", "key", "line", "number", "unit", "term", "statistic", "label", "step",
                "mean", "low", "high", "n", "configurations", "no_interval"},
               {}};
  std::map<std::string, int> lost;
  for (const LinePanel& panel : panels_of(results)) {
    for (const Line& line : panel.lines) {
      const std::string name = line.label.empty() ? line.experiment : line.label;
      const std::string key = line.experiment + (line.label.empty() ? "" : "/" + line.label);
      std::vector<std::string> ends;
      for (const std::string term : terms) {
        const std::optional<double> end = add_term(results, panel, line, term, curves, lost);
        if (!end) continue;
        ends.push_back(term.substr(term.rfind('.') + 1) + " " + significant(*end));
        data.facts[key + "/" + term] = fact(*end);
      }
      if (!ends.empty()) say(data.alternative, "With " + name + " the means end at " + joined(ends) + ".");
      if (const std::string diverged = on_divergence(line); !diverged.empty()) data.notes.push_back(diverged);
    }
  }
  for (const auto& [experiment, count] : lost)
    if (count > 0) data.notes.push_back(note_on_not_finite(experiment, count));
  data.tables = {{"curves", std::move(curves)}};
  return data;
}

}  // namespace

std::unique_ptr<Figure> make_figure8() { return std::make_unique<Figure8>(); }

}  // namespace crosstalk::figures
