#pragma once

#include <optional>

#include "learn/descent.hpp"
#include "learn/source.hpp"
#include "learn/td_error.hpp"

namespace crosstalk::learn {

/// CHAIN's regulariser of value churn (Tang and Berseth 2024). To the gradient of the batch's loss comes that
/// of
///     weight mean_i sum_h (Q_theta(s_i, a_ih) - Q_theta-(s_i, a_ih))^2
/// over a reference minibatch that is drawn for it, a_i what was done in step i, h the choices of an action;
/// theta- the parameters before the previous update, so that the first update has none of it. Both sides are
/// without the noise of noisy layers. The loss that is said of the update is the batch's alone.
class Chain final : public Descent {
 public:
  Chain(Values values, double weight) : values_(std::move(values)), weight_(weight) {}
  /// Where reference minibatches come from: before the first update.
  void refer_to(std::unique_ptr<Source> reference) { reference_ = std::move(reference); }

  void direct(const Objective& objective, const Networks& networks, Update& update) override;
  void save(tensor::State& state) const override;
  void load(const tensor::State& state) override;

 private:
  void add_gradient(const Networks& networks, const nn::Parameters& before, at::Tensor& gradient);

  Values values_;
  double weight_;
  std::unique_ptr<Source> reference_;
  at::Tensor before_;                      // theta-; undefined before the first update
  std::optional<nn::Parameters> earlier_;  // the same, as the network's
  Batch batch_;
  at::Tensor inputs_, along_;
  nn::Tape now_, then_;
  nn::Gradients gradients_;
};

}  // namespace crosstalk::learn
