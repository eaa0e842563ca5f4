#pragma once

#include <span>

#include "nn/network.hpp"

namespace crosstalk::nn {

/// A network from the lines of network.layers:
///     conv CHANNELS KERNEL [stride S] [pad P]    KERNEL, S and P one number, or HEIGHTxWIDTH
///     linear UNITS | linear out                  "out" is `outputs`
///     leaky (slope 0.01) | relu | tanh | layernorm (over the whole sample) | flatten
/// The last layer must give `outputs` numbers. Error(config) names the entry (counted from 1), its text and
/// the mend.
Network build(const Shape& input, std::int64_t outputs, std::span<const std::string> layers,
              Path path = Path::fastest);

}  // namespace crosstalk::nn
