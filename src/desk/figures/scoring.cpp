#include "figures/scoring.hpp"

#include <array>

#include "figures/results.hpp"

namespace crosstalk::figures {
namespace {

constexpr std::string_view reward_gap = "generalisation gap (reward, train - test)";
constexpr std::string_view offline = "offline";  // from the steps of another agent, by any algorithm
constexpr std::string_view never_looks = "the policy that never looks";
constexpr std::array scorings{
    Scoring{"classify", "supervised", "supervised", "accuracy", true, "share of examples",
            "accuracy.constant", "the majority class", "generalisation gap (accuracy, train - test)"},
    Scoring{"regress", "supervised", "supervised", "squared_error", false, "squared error",
            "squared_error.constant", "the mean of the targets",
            "generalisation gap (squared error, test - train)"},
    Scoring{"windowed", "double-dqn", "value-based", "reward", true, "reward", "reward.blind", never_looks,
            reward_gap},
    Scoring{"windowed", "reinforce", "policy gradient", "reward", true, "reward", "reward.blind", never_looks,
            reward_gap},
    Scoring{"windowed", offline, offline, "reward", true, "reward", "reward.blind", never_looks, reward_gap},
};

/// What says how it is judged: the algorithm, but for those that learn from the steps of another agent.
std::string way_of(const MeasuredRun& run) {
  const bool takes_steps = run.text("task.behaviour", "own") == "own";
  return takes_steps ? run.text("learner.algorithm", "supervised") : std::string(offline);
}

}  // namespace

const Scoring* scoring_of(const MeasuredRun& run) {
  const std::string name = run.text("task.kind");
  const std::string way = way_of(run);
  for (const Scoring& scoring : scorings) {
    if (scoring.name == name && scoring.way == way) return &scoring;
  }
  return nullptr;
}

}  // namespace crosstalk::figures
