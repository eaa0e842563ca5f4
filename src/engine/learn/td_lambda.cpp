#include "base/error.hpp"
#include "learn/eligibility.hpp"
#include "learn/lambda_error.hpp"
#include "learn/learners.hpp"
#include "learn/seen.hpp"
#include "learn/td.hpp"

/// TD(lambda) for the values of a policy (Sutton and Barto 2018, chapter 12), its loss half the square of the
/// error, so that learner.rate is the book's alpha.
/// learner.view = "forward", the offline lambda-return algorithm: when an episode has ended its lambda-returns
/// from the values so far, then an update on each of its steps in order. "backward", online TD(lambda): an
/// update at each step along an eligibility trace. From expected transitions lambda is 0.
namespace crosstalk::learn {
namespace {

AgentParts forward(const Ground& ground, double gamma, double lambda) {
  return {.follow = {Follow::How::round},
          .objective = std::make_unique<LambdaError>(ground.values, gamma, lambda, Net::target,
                                                     ErrorLoss::half_square),
          .keeping = {.capacity = ground.settings.count("probe.samples"),
                      .evict = replay::Keeping::Evict::episodes},
          .seen = [](const replay::Trajectories& steps) { return std::make_unique<Replayed>(steps); },
          .measures_newest = true};
}

AgentParts backward(const Ground& ground, double gamma, double lambda) {
  AgentParts parts{
      .objective = std::make_unique<Td>(Td::Settings{.values = ground.values,
                                                     .gamma = gamma,
                                                     .value = Net::online,
                                                     .select = Net::online,
                                                     .loss = ErrorLoss::half_square}),
      .keeping = {.capacity = std::max<std::int64_t>(2, ground.settings.count("probe.samples"))},
      .seen = [](const replay::Trajectories& steps) { return std::make_unique<Newest>(steps); }};
  if (!ground.expected) parts.descent = std::make_unique<Eligibility>(gamma * lambda);
  return parts;
}

}  // namespace

AgentParts td_lambda(const Ground& ground) {
  const Settings& settings = ground.settings;
  const double gamma = settings.number("learner.gamma"), lambda = settings.number("learner.lambda");
  const View view = settings.word("learner.view", views);
  if (lambda > 0 && (ground.expected || ground.off_policy))
    throw Error(ErrorKind::config,
                "learner.lambda is " + std::to_string(lambda) + " where " +
                    (ground.expected ? "learner.source = \"expected\" knows single steps alone"
                                     : "another policy takes the steps than the one that is evaluated") +
                    ": give learner.lambda = 0 and learner.view = \"backward\"");
  if (view == View::forward && (ground.expected || ground.off_policy))
    throw Error(ErrorKind::config,
                "learner.view = \"forward\" needs whole episodes of the policy itself: give \"backward\"");
  return view == View::forward ? forward(ground, gamma, lambda) : backward(ground, gamma, lambda);
}

}  // namespace crosstalk::learn
