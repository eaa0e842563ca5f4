#include "base/error.hpp"
#include "base/json.hpp"
#include "learn/eligibility.hpp"
#include "learn/lambda_error.hpp"
#include "learn/learners.hpp"
#include "learn/seen.hpp"
#include "learn/td.hpp"

/// TD(lambda). For the values of a policy (Sutton and Barto 2018, chapter 12), along half
/// the gradient of d^2, so that learner.rate is the book's alpha. learner.view = "forward", the offline
/// lambda-return algorithm: when an episode has ended its lambda-returns from the values so far, then an
/// update on each of its steps in order. "backward", online TD(lambda): an update at each step along an
/// eligibility trace. From expected transitions lambda is 0. In control Q(lambda), from a replay of whole
/// episodes (Peng and Williams 1996, its forward view):
///     y_t = r_t + gamma ((1 - lambda) max_a Q'(s_t+1, a) + lambda y_t+1)
/// over an ended episode; where it was cut, max_a Q' of its last state stands for y_T. Q' is a copy of the
/// network made every learner.target-every updates, and so are all returns then: an episode's are made when
/// it is first drawn after a copy. Nothing is made of it that a step may have been exploration. lambda = 0 is
/// dqn. From stored trajectories the same with values of states, learner.episode-end and any loss.
namespace crosstalk::learn {
namespace {

AgentParts forward(const Ground& ground, double gamma, double lambda) {
  return {
      .follow = {Follow::How::round},
      .objective = std::make_unique<LambdaError>(ground.values, gamma, lambda, Net::target, ErrorLoss::square,
                                                 LambdaError::Ends{.timeout = ground.timeout_ends}),
      .descent = std::make_unique<Descent>(half_of_square),
      .keeping = {.capacity = ground.settings.count("probe.samples"),
                  .evict = replay::Keeping::Evict::episodes},
      .seen = [](const replay::Trajectories& steps,
                 const Objective&) { return std::make_unique<Replayed>(steps); },
      .measures_newest = true};
}

AgentParts backward(const Ground& ground, double gamma, double lambda) {
  AgentParts parts{.objective = std::make_unique<Td>(Td::Settings{.values = ground.values,
                                                                  .gamma = gamma,
                                                                  .value = Net::online,
                                                                  .select = Net::online,
                                                                  .loss = ErrorLoss::square}),
                   .descent = std::make_unique<Descent>(half_of_square),
                   .keeping = newest(ground),
                   .seen = step_by_step()};
  if (!ground.expected) parts.descent = std::make_unique<Eligibility>(gamma * lambda);
  return parts;
}

/// Rows of a stored episode that are shown to the network at once: 27,000 steps of a game do not fit in
/// memory.
constexpr std::int64_t block = 256;

AgentParts with_copies(const Ground& ground, double gamma, double lambda) {
  const ErrorLoss loss = error_loss(ground.settings.word("learner.loss", losses));
  LambdaError::Ends ends{.timeout = ground.timeout_ends};
  if (ground.lessons != nullptr) ends.end = ground.settings.word("learner.episode-end", episode_ends);
  auto objective = std::make_unique<LambdaError>(ground.values, gamma, lambda, Net::target, loss, ends,
                                                 ground.lessons == nullptr ? LambdaError::whole : block);
  LambdaError* const returns = objective.get();
  return {.follow = copied(ground),
          .objective = std::move(objective),
          .acting = epsilon_greedy(ground),
          .judged = greedy(ground),
          .keeping = ground.lessons == nullptr
                         ? replay::Keeping{.capacity = ground.settings.count("learner.replay"),
                                           .evict = replay::Keeping::Evict::episodes}
                         : replay::Keeping{},
          .seen = [returns, draws = replayed(ground)](const replay::Trajectories& steps,
                                                      const Objective& learned) {
            returns->remember(steps);
            return draws(steps, learned);
          }};
}

/// Returns over several steps would be those of who takes the steps; of single transitions there are none.
void refuse_to_look_back(const Ground& ground, double lambda, View view) {
  const auto said = [&](const char* key) {
    return std::string(key) + " = \"" + ground.settings.text(key) + "\"";
  };
  const std::string where = ground.expected ? said("learner.source") + ", whose transitions are single"
                                            : said("task.policy") + " of " + said("task.environment") +
                                                  ", whose steps another policy takes";
  if (lambda > 0)
    throw Error(ErrorKind::config, "learner.lambda = " + Json(lambda).dump() + " does not go with " + where +
                                       ": give learner.lambda = 0 and learner.view = \"backward\"");
  if (view == View::forward)
    throw Error(ErrorKind::config,
                said("learner.view") + " does not go with " + where + ": give \"backward\"");
}

}  // namespace

AgentParts td_lambda(const Ground& ground) {
  const Settings& settings = ground.settings;
  const double gamma = settings.number("learner.gamma"), lambda = settings.number("learner.lambda");
  if (ground.kind == TaskKind::control || ground.lessons != nullptr)
    return with_copies(ground, gamma, lambda);
  const View view = settings.word("learner.view", views);
  if (ground.expected || ground.off_policy) refuse_to_look_back(ground, lambda, view);
  return view == View::forward ? forward(ground, gamma, lambda) : backward(ground, gamma, lambda);
}

}  // namespace crosstalk::learn
