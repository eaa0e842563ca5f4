#pragma once

#include "trace/trace.hpp"

namespace crosstalk::trace {

/// directional (N): g_n . v for a direction v (P) in theta's layout: how fast each sample's scalar changes
/// along v. Nothing of the size of N x P is made: linear layers cost one product with v's segment,
/// convolutions one convolution by it.
at::Tensor directional(const Trace& trace, const at::Tensor& direction);

}  // namespace crosstalk::trace
