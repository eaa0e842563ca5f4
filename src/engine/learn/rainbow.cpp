#include "base/error.hpp"
#include "learn/distributional.hpp"
#include "learn/learners.hpp"

/// Rainbow (Hessel et al. 2018), on Atari by default in its data-efficient variant (van Hasselt, Hessel and
/// Aslanides 2019). Its parts, each of which other learners may have or this one may do without:
///     distributions of returns       learn/distributional.hpp   learner.atoms, value-least, value-most
///     Double Q-learning              the online network chooses, the target network says what follows
///     several steps of reward        learn/td.hpp               learner.n-step (1: without)
///     prioritised replay             learn/draws.hpp            learner.sampling ("uniform": without)
///     noisy layers, for exploration  nn/noisy.hpp               network.layers ("noisy")
///     dueling streams                nn/dueling.hpp             network.layers ("dueling")
/// network.layers = ["by-observation"] has the last two (base/observation_layers.hpp). It acts greedily under
/// noise; of learner.explore-* is made what is said, which is nothing by default.
namespace crosstalk::learn {

AgentParts rainbow(const Ground& ground) {
  const Settings& settings = ground.settings;
  if (settings.word("learner.loss", losses) != LossKind::cross_entropy)
    throw Error(ErrorKind::config,
                "learner.loss: the distributions of learner.algorithm = \"rainbow\" have "
                "\"cross-entropy\" alone");
  return {.follow = copied(ground),
          .objective = std::make_unique<Distributional>(
              Distributional::Settings{.values = ground.values,
                                       .gamma = settings.number("learner.gamma"),
                                       .steps = ahead(ground),
                                       .timeout_ends = ground.timeout_ends}),
          .acting = epsilon_greedy(ground),
          .judged = greedy(ground),
          .keeping = ring(ground),
          .seen = replayed_by_sampling(ground)};
}

}  // namespace crosstalk::learn
