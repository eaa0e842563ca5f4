#pragma once

#include <string_view>

#include "nn/network.hpp"
#include "tensor/random.hpp"

namespace crosstalk::nn {

/// How parameters begin. U is uniform; k = sqrt(6 / (fan_in + fan_out)), fan = channels * kh * kw for
/// convolutions.
enum class Initialisation {
  linear_glorot,  // linear layers U(-k, k), biases 0; convolutions as PyTorch
  glorot,         // all layers U(-k, k), biases 0
  pytorch,        // weights and biases U(-1 / sqrt(fan_in), 1 / sqrt(fan_in))
};

/// "linear-glorot", "glorot" or "pytorch"; Error(config) otherwise.
Initialisation initialisation(std::string_view name);

/// A new theta (P), drawn in double, segment by segment in the layout's order, then rounded to `type`: single
/// and double precision begin at the same place. Layer norm begins with gain 1 and shift 0.
at::Tensor initial_theta(const Network& network, Initialisation how, tensor::Stream& stream,
                         at::ScalarType type, at::Device device = at::kCPU);

}  // namespace crosstalk::nn
