#pragma once

#include "learn/learners.hpp"

namespace crosstalk::learn {

/// Epsilon-greedy Q-learning over a replay: what `dqn`, `polyak` and `ql` share. They differ in how the target
/// follows, or whether there is one (`value`).
AgentParts q_learning(const Ground& ground, Follow follow, Net value);

}  // namespace crosstalk::learn
