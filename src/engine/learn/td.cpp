#include "learn/td.hpp"

#include <ATen/ATen.h>

namespace crosstalk::learn {

at::Tensor td_targets(const Bootstrap& bootstrap, const at::Tensor& selector, const at::Tensor& target_output,
                      const Heads& heads) {
  const at::Tensor next = chosen_outputs(target_output, heads, largest(selector, heads));
  return bootstrap.rewards + next * bootstrap.going * bootstrap.discount;
}

SampleLoss smooth_l1(const at::Tensor& output, const Heads& heads, const at::Tensor& actions,
                     const at::Tensor& targets) {
  const at::Tensor error = chosen_outputs(output, heads, actions) - targets, size = error.abs();
  const at::Tensor slope = at::where(size <= 1, error * 2, error.sign());
  return {at::minimum(error * error, size).sum(1), at_chosen(output, heads, actions, slope)};
}

}  // namespace crosstalk::learn
