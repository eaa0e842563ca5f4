#pragma once

#include "trace/options.hpp"
#include "trace/trace.hpp"

namespace crosstalk::trace {

/// gram (N, N): G[n, m] = g_n . g_m over all parameters of the trace, in the trace's type and device.
/// Symmetric to the last bit.
at::Tensor gram(const Trace& trace, const Options& options = {});

/// The same, but right on and above the diagonal alone: for sums of several, which are mirrored() once
/// (rule.hpp).
at::Tensor gram_above_diagonal(const Trace& trace, const Options& options = {});

/// One matrix a part of the trace (parts.hpp), which is a layer where parameters have one use each; in the
/// trace's order. Their sum is the Gram.
std::vector<at::Tensor> gram_per_layer(const Trace& trace, const Options& options = {});

}  // namespace crosstalk::trace
