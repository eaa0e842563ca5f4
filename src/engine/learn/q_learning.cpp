#include "learn/q_learning.hpp"

#include "base/error.hpp"
#include "base/json.hpp"
#include "learn/chain.hpp"
#include "learn/smoothed.hpp"
#include "learn/td.hpp"

namespace crosstalk::learn {
namespace {

/// Of a key that parameters kept by older runs do not say: 0 there.
double number_or_none(const Settings& settings, const char* key) {
  return settings.is_said(key) ? settings.number(key) : 0;
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
  const double beta = number_or_none(settings, "learner.smoothing");
  if (beta == 0) return std::make_unique<Td>(of);
  if (of.steps > 1)
    throw Error(ErrorKind::config, "learner.smoothing = " + Json(beta).dump() +
                                       " does not go with learner.n-step = " + std::to_string(of.steps) +
                                       ": it is of one step. Give learner.n-step = 1");
  return std::make_unique<Smoothed>(of, beta);
}

void add_chain(const Ground& ground, double weight, AgentParts& parts) {
  auto chain = std::make_unique<Chain>(ground.values, weight);
  parts.seen = [refers = chain.get(), own = std::move(parts.seen), beside = drawn_beside(ground)](
                   const replay::Trajectories& steps, const Objective& objective) {
    refers->refer_to(beside(steps, objective));
    return own(steps, objective);
  };
  parts.descent = std::move(chain);
}

}  // namespace

AgentParts q_learning(const Ground& ground, Follow follow, Net value, Net select) {
  if (follow.how == Follow::How::every) follow.copies = copies_that_stay(ground);
  AgentParts parts{.follow = follow,
                   .objective = error(ground, value, select),
                   .acting = epsilon_greedy(ground),
                   .judged = greedy(ground),
                   .keeping = ring(ground),
                   .seen = replayed_by_sampling(ground)};
  const double chain = number_or_none(ground.settings, "learner.chain");
  if (chain > 0 && ground.kind != TaskKind::windowed) add_chain(ground, chain, parts);
  return parts;
}

}  // namespace crosstalk::learn
