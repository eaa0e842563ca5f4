#include <algorithm>
#include <cmath>
#include <memory>

#include "figures/curve.hpp"
#include "figures/figure.hpp"
#include "figures/notes.hpp"
#include "figures/point.hpp"
#include "figures/results.hpp"
#include "figures/words.hpp"

namespace crosstalk::figures {
namespace {

constexpr std::string_view splits[] = {"train", "test"};
constexpr std::string_view normalised = "squared_error_normalised";

/// What classifiers and regressions learn: loss and accuracy or error over updates, beside the constant to
/// beat.
class FigureLearning final : public Figure {
 public:
  std::string name() const override { return "figureLearning"; }
  std::string title() const override { return "Loss, accuracy and error over training"; }
  std::string caption() const override {
    return "Mean over runs, by number of examples; full lines: over the training rows, dashed ones: over the "
           "test "
           "rows. A normalised squared error of 1 is that of the mean of all targets. Lines to beat: the "
           "constant predictor, which names the training rows' most frequent class, or their mean; shades "
           "around "
           "them: their range over the runs. Bands: 90% intervals that leave one configuration out with all "
           "its "
           "seeds, each for its step alone.";
  }
  bool applies(const Results& results) const override;
  FigureData compute(const Results& results) const override;
};

bool is_drawn(const Experiment& experiment) {
  return !experiment.points.empty() && !experiment.scoring->is_agent();
}

bool FigureLearning::applies(const Results& results) const {
  return std::any_of(results.experiments.begin(), results.experiments.end(), is_drawn);
}

/// The measure on which a kind of supervised learning is judged: of a regression the normalised error, where
/// its runs have it.
std::string_view judged(const Results& results, const Experiment& experiment) {
  if (experiment.scoring->measure != "squared_error") return experiment.scoring->measure;
  return results.find(*experiment.points.front().run, normalised, "train") != nullptr ? normalised
                                                                                      : "squared_error";
}

/// "In digits the mean accuracy at the last measurement is 0.95 in training and 0.67 in testing with 100
/// examples and ...; the majority class has 0.11."
std::string describe(const Experiment& experiment, std::string_view measure, const Json& facts) {
  const auto number = [&](const std::string& key) {
    const auto value = facts.find(experiment.name + "/" + key);
    return value != facts.end() && value->is_number() ? significant(value->get<double>())
                                                      : std::string("not known");
  };
  std::string words(measure);
  std::replace(words.begin(), words.end(), '_', ' ');
  std::vector<std::string> parts;
  for (const double size : experiment.sizes()) {
    const std::string key = "nT=" + decimal(size, 0) + "/" + std::string(measure);
    parts.push_back(number(key + "/train") + " in training and " + number(key + "/test") +
                    " in testing with " + counted(std::llround(size), "example"));
  }
  return "In " + experiment.name + " the mean " + words + " at the last measurement is " + joined(parts) +
         "; on the training rows " + std::string(experiment.scoring->without) + " has " +
         number(std::string(measure) + ".constant/train") + ".";
}

FigureData FigureLearning::compute(const Results& results) const {
  FigureData data;
  data.facts = Json::object();
  data.notes = notes_on(results.experiments);
  Table curves = table_of_curves(), lines = table_of_lines();
  for (const Experiment& experiment : results.experiments) {
    if (!is_drawn(experiment)) continue;
    int not_finite = 0;
    const std::string_view judge = judged(results, experiment);
    for (const std::string_view measure : {std::string_view("loss"), judge})
      not_finite += add_curves(curves, data.facts, results, experiment, measure);
    for (const std::string_view split : splits) {
      const std::string constant = std::string(judge) + ".constant";
      const stats::Summary summary = earned(results, experiment, constant, split);
      if (!summary.mean.defined()) continue;
      add_line(lines, experiment, judge, split, "constant", experiment.scoring->without, summary);
      data.facts[experiment.name + "/" + constant + "/" + std::string(split)] = fact(summary.mean);
    }
    say(data.alternative, describe(experiment, judge, data.facts));
    if (not_finite > 0) data.notes.push_back(note_on_not_finite(experiment.name, not_finite));
  }
  data.tables = {{"curves", std::move(curves)}, {"lines", std::move(lines)}};
  return data;
}

}  // namespace

std::unique_ptr<Figure> make_figure_learning() { return std::make_unique<FigureLearning>(); }

}  // namespace crosstalk::figures
