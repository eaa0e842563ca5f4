#pragma once

#include "learn/descent.hpp"

namespace crosstalk::learn {

/// Accumulating eligibility traces (Sutton and Barto 2018, section 12.2), with which one update on each step
/// as it comes is online TD(lambda):
///     z = gamma lambda z + grad f(s),   gradient = d z
/// d the TD error of the step. z begins at 0 with each episode. One row a batch and one error a row: Error
/// (config) otherwise.
class Eligibility final : public Descent {
 public:
  /// decay: gamma lambda.
  explicit Eligibility(double decay) : decay_(decay) {}
  void direct(const Objective& objective, const Networks& networks, Update& update) override;
  void save(tensor::State& state) const override;
  void load(const tensor::State& state) override;

 private:
  double decay_;
  at::Tensor trace_;  // z (P); undefined before the first update
  at::Tensor along_;  // grad f(s) (P)
  at::Tensor prediction_;
};

}  // namespace crosstalk::learn
