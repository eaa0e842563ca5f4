#include <ATen/ATen.h>

#include "learn/learners.hpp"
#include "learn/td.hpp"

/// Expected Sarsa (van Seijen, van Hasselt, Whiteson and Wiering 2009; Sutton and Barto 2018, section 6.6),
/// from a replay: in place of the next action's value its expectation,
///     y = r + gamma ((1 - epsilon) max_a Q'(s', a) + epsilon mean_a Q'(s', a))
/// Q' a copy of the network made every learner.target-every updates; epsilon the share of random actions at
/// the time of the next action, by learner.explore-*. So a step's target is that of Sarsa with the draw of
/// the next action taken out, and the same however late it is learned from; steps from before
/// learner.explore-steps are of a policy that explored more. A step that was cut has a target too.
namespace crosstalk::learn {
namespace {

class ExpectedSarsa final : public StepsError {
 public:
  ExpectedSarsa(Values values, Ahead ahead, ErrorLoss loss, Exploration exploration)
      : StepsError(std::move(values), ahead, loss), exploration_(exploration) {}

 private:
  at::Tensor following(const replay::Trajectories&, std::span<const data::Id> last, const at::Tensor& inputs,
                       Passes& passes) const override {
    const at::Tensor& valued = passes.output(Net::target, inputs);
    std::vector<double> shares;  // a row's number is the step's of its agent
    for (const data::Id row : last) shares.push_back(exploration_.at(row + 1));
    const at::Tensor epsilon = at::tensor(shares, at::kDouble).unsqueeze(1).to(valued.options());
    const at::Tensor best = best_values(valued, valued, values().heads);
    return best + (head_means(valued, values().heads) - best) * epsilon;
  }

  Exploration exploration_;
};

}  // namespace

AgentParts expected_sarsa(const Ground& ground) {
  const Settings& settings = ground.settings;
  return {.follow = copied(ground),
          .objective = std::make_unique<ExpectedSarsa>(
              ground.values, StepsError::Ahead{settings.number("learner.gamma"), ahead(ground)},
              error_loss(settings.word("learner.loss", losses)), exploration(ground)),
          .acting = epsilon_greedy(ground),
          .judged = greedy(ground),
          .keeping = ring(ground),
          .seen = replayed_by_sampling(ground)};
}

}  // namespace crosstalk::learn
