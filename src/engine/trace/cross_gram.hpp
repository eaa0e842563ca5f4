#pragma once

#include "trace/options.hpp"
#include "trace/trace.hpp"

namespace crosstalk::trace {

/// cross_gram (N, M): G[n, m] = g_n of `rows` . g_m of `columns`. Both traces are of the same network:
/// another number of layers or another layout's size is an error of kind config.
at::Tensor cross_gram(const Trace& rows, const Trace& columns, const Options& options = {});

/// Whether they are of the same uses of the same parameters, so that there is a cross-Gram of theirs.
bool are_of_one_network(const Trace& rows, const Trace& columns);

}  // namespace crosstalk::trace
