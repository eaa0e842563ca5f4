#pragma once

#include "trace/options.hpp"
#include "trace/trace.hpp"

namespace crosstalk::trace {

/// gram (N, N): G[n, m] = g_n . g_m over all parameters of the trace, in the trace's type and device.
/// Symmetric to the last bit.
at::Tensor gram(const Trace& trace, const Options& options = {});

/// One matrix a layer, in the trace's order; their sum is the Gram.
std::vector<at::Tensor> gram_per_layer(const Trace& trace, const Options& options = {});

}  // namespace crosstalk::trace
