#pragma once

#include "trace/options.hpp"
#include "trace/trace.hpp"

namespace crosstalk::trace {

/// Where a linear layer and an embedding have one weight (V, d): the gradient of the first is sum_t D_t a_t',
/// that of the second has e_s in row x_s. (N, M): sum over t, s of D_nt[x_ms] (a_nt . e_ms).
at::Tensor linear_by_embedding(const LayerTrace& linear, const LayerTrace& embedding, const Options& options);

}  // namespace crosstalk::trace
