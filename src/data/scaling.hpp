#pragma once

#include <string_view>
#include <vector>

#include "data/dataset.hpp"

namespace crosstalk::data {

/// (value - shift) / scale, a pair for each number of a row.
struct Affine {
  std::vector<double> shift, scale;
};

/// How a run sees inputs and targets.
struct Scaling {
  Affine inputs;   // empty for images, which are divided and nothing else
  Affine targets;  // empty for classes
};

/// task.normalise, from all training rows of the data set, so that a larger subset does not see another task:
///     "none"         inputs divided by dataset.divide, targets as they are
///     "global"       one minimum and one maximum over all training inputs, one over all training targets, to
///     [0, 1] "per-feature"  each input's mean and deviation (divided by N), each target's likewise
/// What does not vary is shifted alone. Images take "none" only: Error(config).
Scaling scaling(const Dataset& dataset, std::string_view normalise);

}  // namespace crosstalk::data
