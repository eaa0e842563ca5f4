#include "figures/kind.hpp"

#include <array>

#include "figures/results.hpp"

namespace crosstalk::figures {
namespace {

constexpr std::string_view reward_gap = "generalisation gap (reward, train - test)";
constexpr std::string_view never_looks = "the policy that never looks";
constexpr std::array kinds{
    Kind{"classify", "supervised", "supervised", "accuracy", true, "share of examples", "accuracy.constant",
         "the majority class", "generalisation gap (accuracy, train - test)"},
    Kind{"regress", "supervised", "supervised", "squared_error", false, "squared error",
         "squared_error.constant", "the mean of the targets",
         "generalisation gap (squared error, test - train)"},
    Kind{"windowed", "double-dqn", "value-based", "reward", true, "reward", "reward.blind", never_looks,
         reward_gap},
    Kind{"windowed", "reinforce", "policy gradient", "reward", true, "reward", "reward.blind", never_looks,
         reward_gap},
};

}  // namespace

const Kind* kind_of(const Run& run) {
  const std::string name = run.text("task.kind");
  const std::string algorithm = run.text("learner.algorithm", "supervised");
  for (const Kind& kind : kinds) {
    if (kind.name == name && kind.algorithm == algorithm) return &kind;
  }
  return nullptr;
}

}  // namespace crosstalk::figures
