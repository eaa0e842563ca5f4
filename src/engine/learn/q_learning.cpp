#include "learn/q_learning.hpp"

#include "learn/chain.hpp"
#include "learn/td.hpp"

namespace crosstalk::learn {
namespace {

/// learner.chain, which parameters kept by older runs do not say.
double chain_of(const Ground& ground) {
  constexpr const char* chain = "learner.chain";
  const bool counts = ground.kind != TaskKind::windowed && ground.settings.is_said(chain);
  return counts ? ground.settings.number(chain) : 0;
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
  const Settings& settings = ground.settings;
  AgentParts parts{.follow = follow,
                   .objective = std::make_unique<Td>(
                       Td::Settings{.values = ground.values,
                                    .gamma = settings.number("learner.gamma"),
                                    .value = value,
                                    .select = select,
                                    .timeout_ends = ground.timeout_ends,
                                    .loss = error_loss(settings.word("learner.loss", losses)),
                                    .steps = ahead(ground)}),
                   .acting = epsilon_greedy(ground),
                   .judged = greedy(ground),
                   .keeping = ring(ground),
                   .seen = replayed_by_sampling(ground)};
  if (const double weight = chain_of(ground); weight > 0) add_chain(ground, weight, parts);
  return parts;
}

}  // namespace crosstalk::learn
