#pragma once

#include "env/decision_process.hpp"

namespace crosstalk::env {

/// A grid of task.width x task.height cells (in the manner of Sutton and Barto, second edition, example 4.1).
/// An episode begins in the upper left cell and ends in the lower right one; actions are up, down, left and
/// right, and a step against the edge stays where it is. Every step costs 1 (reward -1), the last one too.
///
/// States are the cells row by row without the last, which is the end: width x height - 1 of them. The best
/// policy earns -(width + height - 2) from the start. An episode is truncated after 20 x width x height
/// steps. Error(config) where a side is less than 2.
DecisionProcess gridworld(const Sizes& sizes);

}  // namespace crosstalk::env
