#pragma once

#include <ATen/core/Tensor.h>

namespace crosstalk::trace {

/// The CPU's fast path of a linear layer without a sequence: (A B' + bias) * (D E') elementwise, (N, M), of
/// inputs A (N, d), B (M, d) and output gradients D (N, p), E (M, p). `same`: A is B and D is E, and only
/// what is on and right of the diagonal need be right.
at::Tensor outer_products(const at::Tensor& inputs, const at::Tensor& output_gradients,
                          const at::Tensor& other_inputs, const at::Tensor& other_output_gradients, bool bias,
                          bool same);

}  // namespace crosstalk::trace
