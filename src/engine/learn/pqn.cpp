#include "learn/lambda_error.hpp"
#include "learn/learners.hpp"
#include "learn/rollouts.hpp"

/// PQN (Gallici et al. 2024): Q(lambda) without a target network and without a replay. When a rollout of
/// learner.rollout steps is full, its returns are made once, by the network as it is then:
///     y_t = r_t + gamma ((1 - lambda) max_a Q(s_t+1, a) + lambda y_t+1)
/// A step that terminates has y_t = r_t. Where the rollout or a time-out cuts an episode, max_a Q of its last
/// state stands for y_t+1. Then learner.epochs passes over the rollout in minibatches of learner.batch, and
/// its steps are given up. Nothing is made of it that a step may have been exploration.
///
/// Ours: one environment, where the published one has many side by side; a time-out is bootstrapped from,
/// where the published code ends the episode; learner.loss, where it has half the square of the error.
namespace crosstalk::learn {

AgentParts pqn(const Ground& ground) {
  const Settings& settings = ground.settings;
  const Rollouts::Settings rollouts{.steps = settings.count("learner.rollout"),
                                    .epochs = settings.count("learner.epochs"),
                                    .batch = settings.count("learner.batch")};
  auto objective = std::make_unique<LambdaError>(
      ground.values, settings.number("learner.gamma"), settings.number("learner.lambda"), Net::target,
      error_loss(settings.word("learner.loss", losses)),
      LambdaError::Ends{.timeout = ground.timeout_ends, .rollout = rollouts.steps});
  LambdaError* const returns = objective.get();
  // As many steps with a return as are measured, also while the next rollout comes.
  return {
      .follow = {Follow::How::round},
      .objective = std::move(objective),
      .acting = epsilon_greedy(ground),
      .judged = greedy(ground),
      .keeping = {.capacity = rollouts.steps + settings.count("probe.samples")},
      .seen = [returns, rollouts, seed = ground.seed](const replay::Trajectories& steps, const Objective&) {
        returns->remember(steps);
        return std::make_unique<Rollouts>(steps, rollouts, seed);
      }};
}

}  // namespace crosstalk::learn
