#pragma once

#include "trace/options.hpp"
#include "trace/trace.hpp"

namespace crosstalk::trace {

/// The CPU's fast path of a linear layer over sequences, inputs (N, T, d) and output gradients (N, T, p):
/// products (N, M) of per-sample weight gradients D_n' A_n, formed a range of outputs at a time within the
/// scratch memory and dropped. `rows` and `columns` the same object: as in Rule::products.
at::Tensor sequence_weight_products(const LayerTrace& rows, const LayerTrace& columns,
                                    const Options& options);

}  // namespace crosstalk::trace
