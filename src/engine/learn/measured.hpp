#pragma once

#include "learn/learners.hpp"

/// Losses that are measured beside the one that is learned by (probe.losses).
namespace crosstalk::learn {

/// The objective of a word but "own", over the values of a run's network, with learner.gamma and
/// learner.loss. td bootstraps from `net`, as the run does; lambda too, with learner.lambda, or probe.lambda
/// where the run has none; mc from nothing but the end of an episode that was cut. Error(config) where a run
/// has no such loss: its outputs are no values or distributions of them, or nobody's values are known.
std::unique_ptr<Objective> measured_objective(LossMeasured which, const Ground& ground, Net net);

/// The error d of one number a sample, as J = d^2 / 2, of which it is measured how interference evolves
/// (measure/evolution.hpp). dqn, polyak, ql and double-dqn: the TD error that they learn by, which bootstraps
/// from `net`; mc, td-star and td-lambda: their own error; reg, which learns the values of all actions: Q(s,
/// a) - Q*(s, a) of the action taken. Error(config) where the algorithm steps along something else, or
/// several choices stand side by side.
std::unique_ptr<Objective> evolving_objective(const Ground& ground, Net net);
/// What a loss's gradient is to be multiplied by to be that of d^2 / 2, where errors are small: 1/2 of the
/// square and of smooth-l1. Beyond |d| = 1 smooth-l1 and huber pull by less.
double slope_of_half_square(LossKind learned);

/// Regression to the values of who played the stored trajectories (reg.cpp); of states to their largest.
std::unique_ptr<Objective> error_of_known_values(const Lessons& lessons, const Values& values,
                                                 ErrorLoss loss);
/// The same of the action that was taken alone.
std::unique_ptr<Objective> error_of_known_value_taken(const Lessons& lessons, const Values& values,
                                                      ErrorLoss loss);
/// The TD error against those values (td_star.cpp).
std::unique_ptr<Objective> error_of_known_targets(const Lessons& lessons, const Values& values, double gamma,
                                                  ErrorLoss loss);

}  // namespace crosstalk::learn
