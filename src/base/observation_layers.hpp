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

/// The usual network as it is, ending with a linear layer; with two streams of noisy layers at its end, as
/// Rainbow has them; or with a layer norm in front of each activation, as PQN has them.
enum class UsualForm { plain, dueling, normalised };

/// The usual network for observations of this shape: (d), two linear layers of 128; (C, 10, 10), as MinAtar
/// shows them, a convolution of 16 3x3 and a linear layer of 128 (Young and Tian 2019), ReLU between; (C, 84,
/// 84), the Atari network of Bengio et al. (2020). Dueling, its last two linear layers are noisy
/// streams of spread 0.5 (Hessel et al. 2018); (C, 84, 84) has the network of van Hasselt et al. (2019): 32
/// and 64 of 5x5, stride 5, 576 features, 256 hidden units a stream, spread 0.1. Error(config) for another
/// image, with the mend.
std::vector<std::string> observation_layers(const Extents& input, UsualForm form = UsualForm::plain);

}  // namespace crosstalk
