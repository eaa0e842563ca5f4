#pragma once

#include <string_view>
#include <vector>

#include "data/dataset.hpp"

namespace crosstalk::data {

/// (value - shift) / scale, a pair for each number of a table's row, or for each channel of an image.
struct Affine {
  std::vector<double> shift, scale;
};

/// How a run sees inputs and targets, as the file has them.
struct Scaling {
  Affine inputs;
  Affine targets;  // empty for classes
};

/// task.normalise, from all training rows of the data set, so that a larger subset does not see another task:
///     "none"         inputs divided by dataset.divide, targets as they are
///     "global"       one minimum and one maximum over all training inputs, one over all training targets, to
///                    [0, 1]; for tables alone: Error(config) for images
///     "per-feature"  each input's mean and deviation (divided by N), each target's likewise; of images each
///     channel's,
///                    over all of its pixels, since what a pixel shows is not tied to its place
/// What does not vary is shifted alone. All of it in double, however far from zero or small the numbers are.
Scaling scaling(const Dataset& dataset, std::string_view normalise);

}  // namespace crosstalk::data
