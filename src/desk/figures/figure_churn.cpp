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

constexpr std::string_view measures[] = {"policy_churn", "value_churn"};
constexpr std::string_view splits[] = {"train", "test"};

/// What one update changes of an agent where it was not asked: its best actions and its values, over
/// training.
class FigureChurn final : public Figure {
 public:
  std::string name() const override { return "figureChurn"; }
  std::string title() const override { return "Policy churn and value churn over training"; }
  std::string caption() const override {
    return "Mean over runs, by number of examples; full lines: at training samples, dashed ones: at test "
           "samples. Policy churn: the share of samples at which one update changes the best action (Schaul "
           "et "
           "al. 2022); value churn: how far it moves the values of all actions there, in units of reward "
           "(Tang "
           "and Berseth 2024); REINFORCE has no values. Bands: 90% intervals that leave one configuration "
           "out with all its seeds, each for its step alone.";
  }
  bool applies(const Results& results) const override;
  FigureData compute(const Results& results) const override;
};

bool FigureChurn::applies(const Results& results) const {
  for (const Experiment& experiment : results.experiments) {
    for (const Point& point : experiment.points) {
      if (results.find(*point.run, "policy_churn", "train") != nullptr) return true;
    }
  }
  return false;
}

FigureData FigureChurn::compute(const Results& results) const {
  FigureData data;
  data.facts = Json::object();
  data.notes = notes_on(results.experiments);
  Table curves = table_of_curves();
  for (const Experiment& experiment : results.experiments) {
    int not_finite = 0;
    for (const std::string_view measure : measures) {
      std::vector<std::string> parts;
      for (const double size : experiment.sizes()) {
        for (const std::string_view split : splits) {
          const std::string key = experiment.name + "/nT=" + decimal(size, 0) + "/" + std::string(measure) +
                                  "/" + std::string(split);
          const Curve curve = curve_of(results, experiment, measure, split, size);
          not_finite += curve.not_finite;
          if (curve.steps.empty()) continue;
          add_curve(curves, experiment, measure, split, size, curve);
          data.facts[key + "/first"] = fact(curve.steps.front().mean);
          data.facts[key + "/last"] = fact(curve.steps.back().mean);
          if (split != "train") continue;
          parts.push_back("from " + significant(curve.steps.front().mean) + " to " +
                          significant(curve.steps.back().mean) + " with " +
                          counted(std::llround(size), "example"));
        }
      }
      if (parts.empty()) continue;
      data.alternative += (data.alternative.empty() ? "In " : " In ") + experiment.name + " the " +
                          (measure == "policy_churn" ? "policy" : "value") +
                          " churn at training samples goes, from the first measurement to the last, " +
                          joined(parts) + ".";
    }
    if (not_finite > 0) data.notes.push_back(note_on_not_finite(experiment.name, not_finite));
  }
  data.tables = {{"curves", std::move(curves)}};
  return data;
}

}  // namespace

std::unique_ptr<Figure> make_figure_churn() { return std::make_unique<FigureChurn>(); }

}  // namespace crosstalk::figures
