#pragma once

#include <span>

#include "nn/network.hpp"

namespace crosstalk::nn {

/// What a network gives of a sample: numbers in all, and how many of these belong to each choice (the atoms
/// of its distribution, one choice after the other).
struct Outputs {
  Outputs(std::int64_t numbers, std::int64_t of_each = 1) : numbers(numbers), of_each(of_each) {}
  std::int64_t numbers, of_each;
};

/// A network from the lines of network.layers:
///     conv CHANNELS KERNEL [stride S] [pad P]    KERNEL, S and P one number, or HEIGHTxWIDTH
///     linear UNITS | linear out [noisy S]        "out" is `outputs`; a noisy layer with spread S
///     dueling UNITS | dueling out [noisy S]      one for each of two streams, which join at "out"
///     leaky (slope 0.01) | relu | tanh | layernorm (over the whole sample) | flatten
/// The last layer must give `outputs` numbers. Error(config) names the entry (counted from 1), its text and
/// the mend.
Network build(const Shape& input, const Outputs& outputs, std::span<const std::string> layers,
              Path path = Path::fastest);

}  // namespace crosstalk::nn
