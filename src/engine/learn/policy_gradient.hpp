#pragma once

#include <string_view>
#include <vector>

#include "learn/heads.hpp"
#include "learn/sample_loss.hpp"

namespace crosstalk::learn {

/// No probability that enters a logarithm is below this (the published code).
inline constexpr double least_probability = 1e-5;

/// REINFORCE's loss (Williams 1992), heads summed:
///     J = - sum_h ( G log p_h(a_h) + entropy H_h ),   H_h = - sum_k p_h(k) log p_h(k)
/// with p_h the softmax of the head's outputs, clamped from below, and G the return that weighs the step. A
/// clamped probability has no gradient.
SampleLoss policy_gradient(const at::Tensor& output, const Heads& heads, const at::Tensor& actions,
                           const at::Tensor& returns, double entropy);

/// The undiscounted return of each step of an episode: the rewards from it on (to go), or those of the whole
/// episode.
enum class Return { to_go, episode };
Return return_kind(std::string_view name);  // "to-go" or "episode"; Error(config) otherwise
std::vector<double> returns(const std::vector<double>& rewards, Return kind);

}  // namespace crosstalk::learn
