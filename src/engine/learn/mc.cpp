#include "learn/learners.hpp"
#include "learn/return_error.hpp"
#include "learn/td.hpp"

/// Monte Carlo control (Sutton and Barto 2018, section 5.4) from a replay: the discounted return that
/// followed each step, of episodes that have ended,
///     y = r_t + gamma r_t+1 + ... + gamma^(T-t-1) r_T-1
/// There is nothing to bootstrap from but the end of an episode that was cut, max_a Q(s_T, a) of the network
/// itself. Steps of an episode that goes on have no aim and are not drawn. The values are those of the
/// policies that took the steps kept. From stored trajectories the same, by returns that are made once
/// (learn/return_error.hpp, with what published scripts do otherwise: learner.episode-end, learner.output).
namespace crosstalk::learn {
namespace {

AgentParts of_lessons(const Ground& ground) {
  const Settings& settings = ground.settings;
  return {.objective = std::make_unique<ReturnError>(ground.values, settings.number("learner.gamma"),
                                                     settings.word("learner.episode-end", episode_ends),
                                                     settings.word("learner.output", outputs_learned),
                                                     error_loss(settings.word("learner.loss", losses)),
                                                     ground.timeout_ends),
          .judged = greedy(ground),
          .seen = replayed(ground)};
}

}  // namespace

AgentParts mc(const Ground& ground) {
  if (ground.lessons != nullptr) return of_lessons(ground);
  const Settings& settings = ground.settings;
  return {.objective =
              std::make_unique<Td>(Td::Settings{.values = ground.values,
                                                .gamma = settings.number("learner.gamma"),
                                                .value = Net::online,
                                                .select = Net::online,
                                                .loss = error_loss(settings.word("learner.loss", losses)),
                                                .steps = all_steps}),
          .acting = epsilon_greedy(ground),
          .judged = greedy(ground),
          .keeping = ring(ground),
          .seen = replayed(ground)};
}

}  // namespace crosstalk::learn
