#pragma once

#include "env/decision_process.hpp"

namespace crosstalk::env {

/// Boyan's chain (Boyan 1999, "Least-squares temporal difference learning") of task.states states, 13 as
/// published. An episode begins in the first. There is one action: from a state with two or more to go, it
/// leads one or two states on with equal chances, at a reward of -3; from the last but one to the last, at
/// -2; from the last to the end, at 0.
///
/// Each fourth state has a feature of its own, and those between share the two around them: at 3/4 and 1/4,
/// say. Without a discount the values lie on a line, -2 for each state to go, so that the features can say
/// them: with 13 states the weights are -24, -16, -8, 0. Error(config) where the number is not one more than
/// a multiple of 4.
DecisionProcess boyan(const Sizes& sizes);

}  // namespace crosstalk::env
