#pragma once

#include "trace/trace.hpp"

namespace crosstalk::trace {

/// rows (N, P): each sample's gradient in theta's layout. Only where someone asks for the rows themselves: N
/// x P numbers, 1.2 GB for 64 samples of the Atari network.
at::Tensor per_sample_gradients(const Trace& trace);

}  // namespace crosstalk::trace
