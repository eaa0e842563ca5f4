#pragma once

#include <bit>
#include <cstdint>

namespace crosstalk {

/// Equal to the last bit: -0 is not 0, and a NaN is itself.
inline bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

}  // namespace crosstalk
