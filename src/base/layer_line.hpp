#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace crosstalk {

/// One entry of network.layers, read: "conv 16 5x3 stride 2", "linear 64", "linear out", "dueling 64 noisy
/// 0.1", "tanh". Whether its
/// sizes fit the layer before it, nn/build.hpp tells.
struct LayerLine {
  std::string kind;        // "conv", "linear", "dueling", "leaky", "relu", "tanh", "layernorm" or "flatten"
  std::int64_t units = 0;  // of a linear layer, or of each of two streams; 0: "out". Of a convolution: its
                           // channels
  std::array<std::int64_t, 2> kernel{}, stride{1, 1}, padding{0, 0};  // of a convolution: height, width
  std::optional<double> noise = {};  // of a noisy layer: what its spreads begin at, times sqrt(inputs)
};

/// Error(config) says what is wrong with the entry and the mend; the caller names the entry.
LayerLine read_layer_line(const std::string& text);

/// The one way to write it: small letters, one blank between words, nothing said that holds anyhow.
std::string to_string(const LayerLine& line);

}  // namespace crosstalk
