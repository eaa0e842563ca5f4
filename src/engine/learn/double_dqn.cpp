#include "learn/learners.hpp"
#include "learn/td.hpp"

/// Double DQN (van Hasselt, Guez and Silver 2016): the online network chooses the next action, the target
/// network values it,
///     y = r + gamma Q'(s', argmax_a Q(s', a))
/// each head with its own TD error. The target follows by Polyak averaging (learner.tau), or is copied
/// (learner.target-every). learner.target = "max" is the published code's: the target network's own maximum.
namespace crosstalk::learn {

AgentParts double_dqn(const Ground& ground) {
  const Settings& settings = ground.settings;
  const bool copies =
      settings.flat().contains("learner.target-every") && !settings.is("learner.target-every", "tau");
  const bool own = settings.word("learner.target", target_choices) == Choice::online;
  return {.follow = copies ? copied(ground) : Follow{Follow::How::polyak, 1, settings.number("learner.tau")},
          .objective =
              std::make_unique<Td>(Td::Settings{.values = ground.values,
                                                .gamma = settings.number("learner.gamma"),
                                                .value = Net::target,
                                                .select = own ? Net::online : Net::target,
                                                .timeout_ends = ground.timeout_ends,
                                                .loss = error_loss(settings.word("learner.loss", losses)),
                                                .steps = ahead(ground)}),
          .acting = epsilon_greedy(ground),
          .judged = greedy(ground),
          .keeping = ring(ground),
          .seen = replayed_by_sampling(ground)};
}

}  // namespace crosstalk::learn
