#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "env/decision_process.hpp"

/// What is true of a policy in a decision process, by linear algebra in double precision. n states, d
/// features.
namespace crosstalk::env {

/// Whether an episode by these chances (n, actions) may never end: it is not cut, and from some state no end
/// can be reached.
bool is_endless(const DecisionProcess& process, const std::vector<double>& chances);

/// P (n, n): the chance that s' follows s. A row adds up to 1 less the chance that the episode ends.
at::Tensor transition_matrix(const DecisionProcess& process, const std::vector<double>& chances);

/// r (n): the expected reward of a step from s.
at::Tensor expected_rewards(const DecisionProcess& process, const std::vector<double>& chances);

/// v = (I - gamma P)^-1 r, (n). Error(config) naming learner.gamma where it is 1 and some state never sees an
/// end.
at::Tensor true_values(const DecisionProcess& process, const Policy& policy, double gamma);

/// d (n), adds up to 1: how often a state is seen by who takes the policy's steps. Where episodes end, the
/// expected visits of one (that a few are cut is left out); where they never do, the stationary distribution.
/// Error(config) where there is neither.
at::Tensor visits(const DecisionProcess& process, const Policy& policy);

/// Phi (n, d): the observation of each state.
at::Tensor observations(const DecisionProcess& process);

/// w (d): where expected semi-gradient updates stand still, which least-squares temporal differences (Bradtke
/// and Barto 1996) find from samples: Phi' D (I - gamma P) Phi w = Phi' D r, D = diag(d). Error(config) where
/// it is not one w, since the features of the states that are seen depend on one another.
at::Tensor fixed_point(const DecisionProcess& process, const Policy& policy, double gamma);

/// Everything that can happen in one step, with the weight d(s) pi(a|s) P(s'|s, a) that it has in an expected
/// update; what has none is left out. The weights add up to 1.
struct Transition {
  std::int32_t state = 0;
  std::int64_t action = 0;
  Branch branch;
  double weight = 0;
};
std::vector<Transition> all_transitions(const DecisionProcess& process, const Policy& policy);

}  // namespace crosstalk::env
