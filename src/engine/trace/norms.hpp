#pragma once

#include "trace/options.hpp"
#include "trace/trace.hpp"

namespace crosstalk::trace {

/// squared_norms (N): |g_n|^2, the Gram's diagonal without the Gram.
at::Tensor squared_norms(const Trace& trace, const Options& options = {});

}  // namespace crosstalk::trace
