#include "learn/q_learning.hpp"

#include "base/error.hpp"
#include "base/json.hpp"
#include "learn/smoothed.hpp"
#include "learn/td.hpp"

namespace crosstalk::learn {
namespace {

/// learner.smoothing, which parameters kept by older runs do not say.
double smoothing(const Ground& ground) {
  constexpr const char* beta = "learner.smoothing";
  return ground.settings.is_said(beta) ? ground.settings.number(beta) : 0;
}

std::unique_ptr<Objective> error(const Ground& ground, Net value, Net select) {
  const Settings& settings = ground.settings;
  const Td::Settings of{.values = ground.values,
                        .gamma = settings.number("learner.gamma"),
                        .value = value,
                        .select = select,
                        .timeout_ends = ground.timeout_ends,
                        .loss = error_loss(settings.word("learner.loss", losses)),
                        .steps = ahead(ground)};
  const double beta = smoothing(ground);
  if (beta == 0) return std::make_unique<Td>(of);
  if (of.steps > 1)
    throw Error(ErrorKind::config, "learner.smoothing = " + Json(beta).dump() +
                                       " does not go with learner.n-step = " + std::to_string(of.steps) +
                                       ": it is of one step. Give learner.n-step = 1");
  return std::make_unique<Smoothed>(of, beta);
}

}  // namespace

AgentParts q_learning(const Ground& ground, Follow follow, Net value, Net select) {
  if (follow.how == Follow::How::every) follow.copies = copies_that_stay(ground);
  return {.follow = follow,
          .objective = error(ground, value, select),
          .acting = epsilon_greedy(ground),
          .judged = greedy(ground),
          .keeping = ring(ground),
          .seen = replayed_by_sampling(ground)};
}

}  // namespace crosstalk::learn
