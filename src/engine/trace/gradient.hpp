#pragma once

#include "trace/trace.hpp"

namespace crosstalk::trace {

/// gradient (P) of the sum of the samples' scalars: sum_n g_n, in theta's layout. Segments that no layer uses
/// are 0.
at::Tensor gradient(const Trace& trace);

/// The same into `out` (P), contiguous, of the trace's type and device; overwritten, no tensor is allocated
/// for linear and scale layers whose parameters have one use. The second form is the one on the path of a
/// training update: where no parameter is shared it makes no Trace, but of a layer norm the normalised
/// inputs, and of noisy and dueling layers what their uses meet.
void gradient_into(const Trace& trace, const at::Tensor& out);
void gradient_into(const nn::Network& network, const nn::Parameters& parameters, const nn::Tape& tape,
                   const nn::Gradients& gradients, const at::Tensor& out);

}  // namespace crosstalk::trace
