#pragma once

#include <vector>

#include "base/vocabulary.hpp"
#include "learn/td_error.hpp"

namespace crosstalk::learn {

/// No probability that enters a logarithm is below this (the published code).
inline constexpr double least_probability = 1e-5;

/// The loss of each sample by itself, as if it were a batch of one.
struct SampleLoss {
  at::Tensor losses;      // (N)
  at::Tensor cotangents;  // (N, p): gradient of each sample's loss at its outputs
};

/// REINFORCE's loss (Williams 1992), heads summed:
///     J = - sum_h ( G log p_h(a_h) + entropy H_h ),   H_h = - sum_k p_h(k) log p_h(k)
/// with p_h the softmax of the head's outputs, clamped from below, and G the return that weighs the step. A
/// clamped probability has no gradient.
SampleLoss policy_gradient(const at::Tensor& output, const Heads& heads, const at::Tensor& actions,
                           const at::Tensor& returns, double entropy);

/// The undiscounted return of each step of an episode: the rewards from it on (to go), or those of the whole
/// episode.
std::vector<double> returns(const std::vector<double>& rewards, Return kind);

/// REINFORCE's loss as an objective: the returns are those of each step's episode, which must have ended.
class PolicyGradient final : public Objective {
 public:
  PolicyGradient(Heads heads, Return weight, double entropy)
      : values_{std::move(heads)}, weight_(weight), entropy_(entropy) {}

  void aims(const data::Rows& rows, Passes& passes, Aims& aims) const override;
  void pull(const at::Tensor& output, const Aims& aims, Over over, const at::Tensor& weights,
            Pull& pull) const override;
  bool defined(const data::Table& table, data::Id row) const override;

 private:
  Values values_;
  Return weight_;
  double entropy_;
};

}  // namespace crosstalk::learn
