#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "learn/networks.hpp"

namespace crosstalk::measure {

/// The parameters theta of a network, noise off, as vectors (P) in double precision on the CPU.
struct Weights {
  /// Where the parameters of a layer lie in theta: its place in network.layers and its first word, "0 conv".
  struct Layer {
    std::string name;
    std::int64_t first, size;
  };
  std::vector<Layer> layers;  // those that have any
  at::Tensor before;          // at the measurement
  at::Tensor after;           // after the update that followed; undefined until there was one
};

/// Those that learn, now.
Weights weights_of(const learn::Networks& networks);

}  // namespace crosstalk::measure
