#pragma once

#include <cstdint>
#include <vector>

#include "measure/evidence.hpp"

namespace crosstalk::env {

/// What the policy that draws both actions uniformly earns in the windowed task. With K classes:
///     accuracy = 1 - q^20,   reward = 1 - q^20 - 0.05 (q + ... + q^20),   q = 1 - 1 / K
measure::Score random_policy(std::int64_t classes);

/// The best policy that never looks at the image: window and mask tell it the time, so it names the classes
/// one after the other, the most frequent one of `training` first (of equally frequent ones the smaller).
/// What it earns over images with these `labels`.
measure::Score blind_policy(const std::vector<std::int64_t>& training,
                            const std::vector<std::int64_t>& labels, std::int64_t classes);

}  // namespace crosstalk::env
