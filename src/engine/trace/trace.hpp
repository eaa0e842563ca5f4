#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "nn/network.hpp"

namespace crosstalk::trace {

/// What one backward pass leaves of one layer with parameters: everything first-order is a contraction of it.
struct LayerTrace {
  std::string name;  // "0.conv 16 5 stride 2"; of a layer of several uses with the parameter behind it
  nn::Use use;       // which rule, and which segments of theta
  // linear (N, d) or (N, T, d); convolution (N, C, H, W); scale (N, d) normalised; embedding (N, T) int64,
  // the numbers of the rows; rows: as the gradients, unread
  at::Tensor inputs;
  // linear (N, p) or (N, T, p); convolution (N, P, H', W'); scale (N, d); embedding (N, T, d); rows (N, K)
  at::Tensor output_gradients;
};

/// One backward pass over N samples, each with its own scalar. Plain data, which lives by itself: a PyTorch
/// module's hooks fill the same. A layer that ran several times leaves a trace each time, and layers may have
/// parameters in common: a parameter's gradient is the sum over its uses (parts.hpp).
struct Trace {
  std::int64_t samples = 0;
  tensor::Layout layout;  // of theta (P)
  std::vector<LayerTrace> layers;
};

/// Of a pass with these parameters; each layer's uses in their order.
Trace make_trace(const nn::Network& network, const nn::Parameters& parameters, const nn::Tape& tape,
                 const nn::Gradients& gradients);

}  // namespace crosstalk::trace
