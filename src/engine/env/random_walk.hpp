#pragma once

#include "env/decision_process.hpp"

namespace crosstalk::env {

/// A random walk over task.states states in a row (Sutton and Barto, "Reinforcement Learning", second
/// edition, example 7.1 and Fig. 12.3, with 19 of them; example 6.2 is one of 5). An episode begins in the
/// middle; actions are left and right. It ends off either end: reward -1 off the left one, +1 off the right
/// one, 0 for every other step.
///
/// Under "uniform" and without a discount, state i = 1..n has the value 2 i / (n + 1) - 1.
/// An episode is truncated after 10 n^2 steps, which a greedy policy that goes to and fro reaches; under
/// "uniform" one of 10^20 does with 19 states. Error(config) for an even number, which has no middle, or for
/// less than 3.
DecisionProcess random_walk(const Sizes& sizes);

}  // namespace crosstalk::env
