#pragma once

#include "learn/td_error.hpp"

namespace crosstalk::learn {

/// One step of Q-learning. By ATen alone, on any device: all of it is (N, H) numbers beside passes through a
/// network.
struct Bootstrap {
  at::Tensor rewards;  // (N, 1)
  at::Tensor going;    // (N, 1): 1, or 0 where nothing follows
  double discount;     // gamma
};

/// The rewards of these steps and where they go on; a truncated step goes on unless `timeout_ends`.
Bootstrap bootstrap(const replay::Trajectories& steps, std::span<const data::Id> rows, double discount,
                    bool timeout_ends, const at::Tensor& like);

/// (N, H): each head's target, y = r + gamma Q'(s', a*), where Q' is the target network's output at s' and a*
/// the best action of the head by `selector` (N, p) at s': the online network's output (Double DQN, van
/// Hasselt et al. 2015), or the target network's own (its maximum).
at::Tensor td_targets(const Bootstrap& bootstrap, const at::Tensor& selector, const at::Tensor& target_output,
                      const Heads& heads);

/// The TD error of one step, d = f(s, a) - (r + gamma f'(s', a*)), its target held: semi-gradients.
/// V(s) with values of states; Q-learning with those of actions; what is bootstrapped from is `value`, and
/// `select` chooses the next action.
class Td final : public ChosenError {
 public:
  struct Settings {
    Values values;
    double gamma;
    Net value = Net::target, select = Net::target;
    bool timeout_ends = false;  // nothing follows a time-out
    ErrorLoss loss = ErrorLoss::smooth_l1;
  };
  explicit Td(Settings settings) : ChosenError(settings.values, settings.loss), settings_(settings) {}

  void aims(const data::Rows& rows, Passes& passes, Aims& aims) const override;

 private:
  Settings settings_;
};

}  // namespace crosstalk::learn
