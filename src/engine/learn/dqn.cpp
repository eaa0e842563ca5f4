#include "learn/learners.hpp"
#include "learn/q_learning.hpp"

/// DQN (Mnih et al. 2015): y = r + gamma max_a Q'(s', a), Q' a copy of the network made every
/// learner.target-every updates ("never": the published mistake, it stays as it began). With
/// learner.target-copies = K Averaged-DQN (Anschel, Baram and Shimkin 2017): Q' is the mean of the last K
/// copies, of those that there are so far.
namespace crosstalk::learn {

AgentParts dqn(const Ground& ground) { return q_learning(ground, copied(ground), Net::target, Net::target); }

}  // namespace crosstalk::learn
