#include "learn/learners.hpp"
#include "learn/q_learning.hpp"

/// Q-learning without a target network: y = r + gamma max_a Q(s', a), held while a step is made.
namespace crosstalk::learn {

AgentParts ql(const Ground& ground) { return q_learning(ground, {}, Net::online, Net::online); }

}  // namespace crosstalk::learn
