#pragma once

#include <functional>

#include "trace/options.hpp"
#include "trace/trace.hpp"

namespace crosstalk::trace {

/// cotangent (B, outputs) of a block of samples, from the network's output (B, outputs) for it; `first` is
/// the block's first row in x, so that labels can be looked up.
using Cotangent = std::function<at::Tensor(const at::Tensor& output, std::int64_t first)>;

/// gram (N, N) of the rows of x (N, input), walking blocks of samples so that the memory beyond x, theta and
/// the result stays within `budget_bytes`: a panel of samples is held in compact form (per-sample weight
/// gradients of convolutions, inputs and output gradients of linear layers), the samples after it stream by
/// in small blocks. Where one panel is not all, forward and backward are repeated: for K panels (K + 1) / 2
/// times. A budget too small for a panel of one sample is an error of kind config that says how much is
/// needed.
at::Tensor gram_in_blocks(const nn::Network& network, const nn::Parameters& parameters, const at::Tensor& x,
                          const Cotangent& cotangent, std::int64_t budget_bytes, const Options& options = {});

/// The least budget with which gram_in_blocks can walk over samples such as x's (N, input), N of at least 1.
std::int64_t least_budget(const nn::Network& network, const nn::Parameters& parameters, const at::Tensor& x,
                          const Options& options = {});

/// Bytes of each budget that are not given to tensors: what libraries pack and allocate beside them.
inline constexpr std::int64_t beside_tensors = 24ll << 20;

}  // namespace crosstalk::trace
