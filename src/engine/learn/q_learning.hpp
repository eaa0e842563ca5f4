#pragma once

#include "learn/learners.hpp"

namespace crosstalk::learn {

/// Epsilon-greedy Q-learning over a replay: what `dqn`, `polyak`, `ql` and `double-dqn` share. They differ in
/// how the target follows, or whether there is one (`value`), and in who chooses the next action (`select`).
/// Where it is copied, learner.target-copies of its copies are averaged; learner.smoothing smooths what is
/// bootstrapped from over time; learner.chain adds what learn/chain.hpp says.
AgentParts q_learning(const Ground& ground, Follow follow, Net value, Net select);

}  // namespace crosstalk::learn
