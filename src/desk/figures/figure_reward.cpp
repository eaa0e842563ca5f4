#include <algorithm>
#include <cmath>
#include <memory>

#include "figures/curve.hpp"
#include "figures/figure.hpp"
#include "figures/notes.hpp"
#include "figures/point.hpp"
#include "figures/results.hpp"
#include "figures/words.hpp"
#include "stats/summary.hpp"

namespace crosstalk::figures {
namespace {

constexpr std::string_view measures[] = {"reward", "accuracy", "first_guess"};
constexpr std::string_view splits[] = {"train", "test"};
constexpr std::pair<std::string_view, std::string_view> policies[] = {{"random", "random policy"},
                                                                      {"blind", "policy that never looks"}};

/// What agents learn: reward, accuracy and first guess over environment steps, beside the lines to beat.
class FigureReward final : public Figure {
 public:
  std::string name() const override { return "figureReward"; }
  std::string title() const override { return "Reward, accuracy and first guess over training"; }
  std::string caption() const override {
    return "Mean over runs, by number of examples; full lines: episodes over training images, dashed ones: "
           "over "
           "test images. Reward is an episode's undiscounted return; accuracy the share of episodes that "
           "name "
           "the right class within 20 steps; first guess the share whose first class is right, which is what "
           "looking earns. Bands: 90% intervals that leave one configuration out with all its seeds, each "
           "for its step alone. "
           "Two lines to beat, computed from the training labels: the uniform random policy, and the best "
           "policy that never looks at the image, which names the classes one after the other. Shades around "
           "them: their range over the runs.";
  }
  bool applies(const Results& results) const override;
  FigureData compute(const Results& results) const override;
};

bool FigureReward::applies(const Results& results) const {
  return std::any_of(results.experiments.begin(), results.experiments.end(),
                     [](const Experiment& experiment) {
                       return !experiment.points.empty() && experiment.scoring->is_agent();
                     });
}

void add_lines(FigureData& data, Table& table, const Results& results, const Experiment& experiment) {
  for (const std::string_view measure : measures) {
    for (const std::string_view split : splits) {
      for (const auto& [policy, label] : policies) {
        const std::string name = std::string(measure) + "." + std::string(policy);
        const stats::Summary summary = earned(results, experiment, name, split);
        if (!summary.mean.defined()) continue;
        add_line(table, experiment, measure, split, policy, label, summary);
        data.facts[experiment.name + "/" + name + "/" + std::string(split)] = fact(summary.mean);
      }
    }
  }
}

/// "In digits-ddqn the reward at the last measurement is 0.95 in training and 0.67 in testing with 100
/// examples and ...; the random policy earns 0.48 and 0.48, the policy that never looks 0.78 and 0.77."
std::string describe(const Experiment& experiment, const Json& facts) {
  const auto number = [&](const std::string& key) {
    const auto value = facts.find(experiment.name + "/" + key);
    return value != facts.end() && value->is_number() ? decimal(value->get<double>())
                                                      : std::string("not known");
  };
  std::vector<std::string> parts;
  for (const double size : experiment.sizes()) {
    const std::string key = "nT=" + decimal(size, 0) + "/";
    parts.push_back(number(key + "reward/train") + " in training and " + number(key + "reward/test") +
                    " in testing with " + counted(std::llround(size), "example") + " (first guess " +
                    number(key + "first_guess/train") + " and " + number(key + "first_guess/test") + ")");
  }
  return "In " + experiment.name + " the mean reward at the last measurement is " + joined(parts) +
         "; the random policy earns " + number("reward.random/train") + " and " +
         number("reward.random/test") + ", the policy that never looks " + number("reward.blind/train") +
         " and " + number("reward.blind/test") + ".";
}

FigureData FigureReward::compute(const Results& results) const {
  FigureData data;
  data.facts = Json::object();
  data.notes = notes_on(results.experiments);
  Table curves = table_of_curves();
  Table lines = table_of_lines();
  for (const Experiment& experiment : results.experiments) {
    if (experiment.points.empty() || !experiment.scoring->is_agent()) continue;
    int not_finite = 0;
    for (const std::string_view measure : measures)
      not_finite += add_curves(curves, data.facts, results, experiment, measure);
    add_lines(data, lines, results, experiment);
    say(data.alternative, describe(experiment, data.facts));
    if (not_finite > 0) data.notes.push_back(note_on_not_finite(experiment.name, not_finite));
  }
  data.tables = {{"curves", std::move(curves)}, {"lines", std::move(lines)}};
  return data;
}

}  // namespace

std::unique_ptr<Figure> make_figure_reward() { return std::make_unique<FigureReward>(); }

}  // namespace crosstalk::figures
