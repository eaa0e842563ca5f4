#pragma once

#include <ATen/core/Tensor.h>

#include "nn/use.hpp"

namespace crosstalk::nn {

/// K directions that theta moves along, as one use of parameters sees them: V_k are a step's own weights
/// there and b_k its own biases. Directions are vectors, or gradients of single samples, whose weights are
/// never formed where they are outer products (trace/steps.hpp).
class Step {
 public:
  virtual ~Step() = default;
  virtual std::int64_t directions() const = 0;  // K

  /// (N, K, out): V_k x + b_k of values x (N, in).
  virtual at::Tensor of_values(const Use& use, const at::Tensor& values) const = 0;
  /// (N, K, out): V_k t_k of what the values move by, t (N, K, in).
  virtual at::Tensor of_tangents(const Use& use, const at::Tensor& tangents) const = 0;
  /// (N, K, in): V_k' d of the gradients d (N, out) at what the use makes of `values` (N, in).
  virtual at::Tensor back(const Use& use, const at::Tensor& values,
                          const at::Tensor& output_gradients) const = 0;
};

}  // namespace crosstalk::nn
