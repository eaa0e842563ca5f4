#include <ATen/ATen.h>

#include "learn/learners.hpp"
#include "learn/td.hpp"

/// Sarsa (Rummery and Niranjan 1994; Sutton and Barto 2018, section 6.4), from a replay: the value of the
/// action that was really taken next,
///     y = r + gamma Q'(s', a')
/// Q' a copy of the network made every learner.target-every updates. The values are those of the policy that
/// took the steps kept, so of one that explored more than today's; a small learner.replay is closer to it.
/// The newest step has no aim until the next action has been taken. An episode that is cut has no next action
/// at its last step: that step is never learned from, rather than from an action that nobody took.
namespace crosstalk::learn {
namespace {

class Sarsa final : public StepsError {
 public:
  using StepsError::StepsError;

 private:
  bool asks_for_the_next_action() const override { return true; }
  at::Tensor following(const replay::Trajectories& steps, std::span<const data::Id> last,
                       const at::Tensor& inputs, Passes& passes) const override {
    const at::Tensor& valued = passes.output(Net::target, inputs);
    std::vector<data::Id> next;  // behind a terminal step any action does
    for (const data::Id row : last) next.push_back(steps.neighbour(row, 1).value_or(row));
    return chosen_outputs(valued, values().heads, taken(steps, next, values(), valued));
  }
};

}  // namespace

AgentParts sarsa(const Ground& ground) {
  const Settings& settings = ground.settings;
  return {.follow = copied(ground),
          .objective = std::make_unique<Sarsa>(
              ground.values, StepsError::Ahead{settings.number("learner.gamma"), ahead(ground)},
              error_loss(settings.word("learner.loss", losses))),
          .acting = epsilon_greedy(ground),
          .judged = greedy(ground),
          .keeping = ring(ground),
          .seen = replayed_by_sampling(ground)};
}

}  // namespace crosstalk::learn
