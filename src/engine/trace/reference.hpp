#pragma once

#include "trace/trace.hpp"

/// The slow, obvious twins of the contractions: double precision, plain loops over the definitions, no GEMM,
/// no unfolding. Whatever the trace's type, the results are double, on the CPU.
namespace crosstalk::trace::reference {

at::Tensor per_sample_gradients(const Trace& trace);                      // (N, P)
at::Tensor gradient(const Trace& trace);                                  // (P)
at::Tensor gram(const Trace& trace);                                      // (N, N)
at::Tensor cross_gram(const Trace& rows, const Trace& columns);           // (N, M)
at::Tensor squared_norms(const Trace& trace);                             // (N)
at::Tensor directional(const Trace& trace, const at::Tensor& direction);  // (N)

}  // namespace crosstalk::trace::reference
