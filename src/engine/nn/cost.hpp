#pragma once

#include "base/json.hpp"
#include "nn/network.hpp"

namespace crosstalk::nn {

/// Multiplications, each with its addition, of one sample's forward pass: what the layers say, together.
std::int64_t multiply_adds(const Network& network);

/// {"parameters", "multiply_adds"}: what a worker says of a network (base/message.hpp).
Json described(const Network& network);

}  // namespace crosstalk::nn
