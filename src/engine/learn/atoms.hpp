#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

namespace crosstalk::learn {

/// What a distribution of returns is over (Bellemare, Dabney and Munos 2017): Z numbers, equally far apart.
/// The outputs (N, A Z) of a network are then the logits of A distributions, one after the other, and the
/// value of an action is its distribution's mean.
struct Atoms {
  std::int64_t count = 51;
  double least = -10, most = 10;

  double apart() const { return (most - least) / static_cast<double>(count - 1); }
  double number(std::int64_t atom) const { return least + apart() * static_cast<double>(atom); }
  /// (Z), of the type and device of `like`.
  at::Tensor numbers(const at::Tensor& like) const;
};

/// (N, A): the values that outputs (N, p) are. Without atoms the outputs themselves; with them
///     q_a = sum_z p_az x_z,   p_a = softmax(outputs of action a)
at::Tensor values_of(const at::Tensor& output, const std::optional<Atoms>& atoms);

/// (N, p): a gradient at the values (N, A) carried back to the outputs (N, p): without atoms itself; with
/// them
///     dq_a / dy_az = p_az (x_z - q_a)
at::Tensor at_outputs(const at::Tensor& gradient, const at::Tensor& output,
                      const std::optional<Atoms>& atoms);

}  // namespace crosstalk::learn
