#pragma once

#include <ATen/core/Tensor.h>

namespace crosstalk::learn {

/// The loss of each sample by itself, as if it were a batch of one.
struct SampleLoss {
  at::Tensor losses;      // (N)
  at::Tensor cotangents;  // (N, p): gradient of each sample's loss at its outputs
};

}  // namespace crosstalk::learn
