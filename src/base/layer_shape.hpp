#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/layer_line.hpp"

namespace crosstalk {

using Extents = std::vector<std::int64_t>;  // of one sample: (d) or (channels, height, width)

std::string spelled(const Extents& shape);      // "3 x 32 x 32"
std::int64_t numbers_in(const Extents& shape);  // of one sample: the product

/// What a layer gives for a sample of this shape. Error(config) where it does not take one, with the mend.
Extents shape_after(const LayerLine& line, const Extents& input, std::int64_t outputs);

/// Why these layers do not go with several choices side by side, which would share one value; empty where
/// they do.
std::string unfit_for_choices(std::span<const std::string> layers);

/// The entries of network.layers, read; every one takes what the one before it gives, and the last gives
/// `outputs` numbers. Error(config) names the entry (counted from 1), its text and the mend.
std::vector<LayerLine> fitting_layers(const Extents& input, std::int64_t outputs,
                                      std::span<const std::string> layers);

}  // namespace crosstalk
