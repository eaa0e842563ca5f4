#pragma once

#include <cstdint>

/// How many parameters the paper's networks have (appendix B), by its formula alone.
namespace crosstalk {

/// conv(nh, 5, stride 2), conv(2 nh, 3), conv(4 nh, 3), nl times conv(4 nh, 3, pad 1), linear(h), linear,
/// over images of `channels` and a square `side`.
inline std::int64_t image_parameters(std::int64_t channels, std::int64_t side, std::int64_t outputs,
                                     std::int64_t hidden, std::int64_t depth, std::int64_t head) {
  const std::int64_t left = (side - 5) / 2 + 1 - 4, top = 4 * hidden, wide = head * hidden;
  return hidden * (channels * 25 + 1) + 2 * hidden * (hidden * 9 + 1) + top * (2 * hidden * 9 + 1) +
         depth * top * (top * 9 + 1) + wide * (top * left * left + 1) + outputs * (wide + 1);
}

/// linear(nh), nl times linear(nh), linear, over rows of `inputs` numbers.
inline std::int64_t table_parameters(std::int64_t inputs, std::int64_t outputs, std::int64_t hidden,
                                     std::int64_t depth) {
  return hidden * (inputs + 1) + depth * hidden * (hidden + 1) + outputs * (hidden + 1);
}

}  // namespace crosstalk
