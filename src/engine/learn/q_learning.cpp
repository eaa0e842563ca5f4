#include "learn/q_learning.hpp"

#include "learn/td.hpp"

namespace crosstalk::learn {

AgentParts q_learning(const Ground& ground, Follow follow, Net value, Net select) {
  const Settings& settings = ground.settings;
  return {.follow = follow,
          .objective =
              std::make_unique<Td>(Td::Settings{.values = ground.values,
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
}

}  // namespace crosstalk::learn
