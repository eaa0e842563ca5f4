#include "learn/learners.hpp"
#include "learn/q_learning.hpp"

/// Double DQN (van Hasselt, Guez and Silver 2016): the online network chooses the next action, the target
/// network values it,
///     y = r + gamma Q'(s', argmax_a Q(s', a))
/// each head with its own TD error. The target follows by Polyak averaging (learner.tau), or is copied
/// (learner.target-every), and then may be the mean of the last learner.target-copies copies. learner.target
/// = "max" is the published code's: the target network's own maximum.
namespace crosstalk::learn {

AgentParts double_dqn(const Ground& ground) {
  const Settings& settings = ground.settings;
  const bool copies =
      settings.flat().contains("learner.target-every") && !settings.is("learner.target-every", "tau");
  const bool own = settings.word("learner.target", target_choices) == Choice::online;
  return q_learning(ground, copies ? copied(ground) : followed(ground), Net::target,
                    own ? Net::online : Net::target);
}

}  // namespace crosstalk::learn
