#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/layer_shape.hpp"

/// The networks of Bengio, Pineau and Precup (2020, appendix B) as entries of network.layers. `hidden` is
/// their nh, `depth` their nl.
namespace crosstalk {

/// conv(nh, 5x5, stride 2), conv(2nh, 3x3), conv(4nh, 3x3), nl times conv(4nh, 3x3, pad 1), flatten,
/// linear(head * nh), linear(out), leaky between. Supervised: head 4 for SVHN, 1 for CIFAR-10; agents (4
/// input channels, 14 outputs): 4.
std::vector<std::string> image_layers(std::int64_t hidden, std::int64_t depth, std::int64_t head);

/// linear(nh), nl times linear(nh), linear(out), leaky between: SARCOS, and California with nl = 2.
std::vector<std::string> plain_layers(std::int64_t hidden, std::int64_t depth);

/// conv(width, 8x8, stride 4, pad 4), conv(2 width, 4x4, stride 2, pad 2), conv(2 width, 3x3, pad 1),
/// flatten, linear(16 width), linear(out); the paper's width is 32, Fig. 7 varies it.
std::vector<std::string> atari_layers(std::int64_t width = 32);

/// The paper's shape for this input: image_layers for (C, H, W), plain_layers for (d).
std::vector<std::string> paper_layers(const Extents& input, std::int64_t hidden, std::int64_t depth,
                                      std::int64_t head);

}  // namespace crosstalk
