#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/layer_shape.hpp"

namespace crosstalk {

/// What network.layers says, alone, where the shape of what is seen is to decide.
inline constexpr std::string_view by_observation = "by-observation";
inline bool is_by_observation(const std::vector<std::string>& layers) {
  return layers.size() == 1 && layers.front() == by_observation;
}

/// The usual network for observations of this shape: (d), two linear layers of 128; (C, 10, 10), as MinAtar
/// shows them, a convolution of 16 3x3 and a linear layer of 128 (Young and Tian 2019), ReLU between; (C, 84,
/// 84), the Atari network of Bengio et al. (2020). Error(config) for another image, with the mend.
std::vector<std::string> observation_layers(const Extents& input);

}  // namespace crosstalk
