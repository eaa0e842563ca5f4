#pragma once

#include "base/vocabulary.hpp"
#include "nn/network.hpp"
#include "tensor/random.hpp"

namespace crosstalk::nn {

/// A new theta (P), drawn in double, segment by segment in the layout's order, then rounded to `type`: single
/// and double precision begin at the same place. Layer norm begins with gain 1 and shift 0.
at::Tensor initial_theta(const Network& network, Initialisation how, tensor::Stream& stream,
                         at::ScalarType type, at::Device device = at::kCPU);

}  // namespace crosstalk::nn
