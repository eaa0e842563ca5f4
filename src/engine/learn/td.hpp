#pragma once

#include "learn/heads.hpp"
#include "learn/sample_loss.hpp"

namespace crosstalk::learn {

/// What one step of Q-learning bootstraps from. By ATen alone, on any device: all of it is (N, H) numbers
/// beside passes through a network.
struct Bootstrap {
  at::Tensor rewards;  // (N, 1)
  at::Tensor going;    // (N, 1): 1, or 0 where the step was terminal
  double discount;     // gamma
};

/// (N, H): each head's target, y = r + gamma Q'(s', a*), where Q' is the target network's output at s' and a*
/// the best action of the head by `selector` (N, p) at s': the online network's output (Double DQN, van
/// Hasselt et al. 2015), or the target network's own (its maximum, as in the published code).
at::Tensor td_targets(const Bootstrap& bootstrap, const at::Tensor& selector, const at::Tensor& target_output,
                      const Heads& heads);

/// The loss that Bengio et al.'s code calls smooth L1, of d = Q(s, a) - y for each head, summed over heads:
///     J = min(d^2, |d|)
/// It is no Huber loss: its slope jumps from 2 to 1 at |d| = 1 (where it is taken as 2).
SampleLoss smooth_l1(const at::Tensor& output, const Heads& heads, const at::Tensor& actions,
                     const at::Tensor& targets);

}  // namespace crosstalk::learn
