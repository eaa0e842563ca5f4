#include "learn/learners.hpp"
#include "learn/q_learning.hpp"

/// DQN whose target network follows by Polyak averaging after each update (Lillicrap et al. 2016):
///     theta' += tau (theta - theta'),   y = r + gamma max_a Q'(s', a)
namespace crosstalk::learn {

AgentParts polyak(const Ground& ground) {
  return q_learning(ground, followed(ground), Net::target, Net::target);
}

}  // namespace crosstalk::learn
