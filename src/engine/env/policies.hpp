#pragma once

#include <cstdint>
#include <vector>

namespace crosstalk::env {

/// What a policy earns in the windowed task, on average over episodes.
struct Score {
  double reward = 0;       // undiscounted, of an episode
  double accuracy = 0;     // share of episodes that end with the right class
  double first_guess = 0;  // share of episodes whose first class is right
};

/// What the policy that draws both actions uniformly earns in the windowed task. With K classes:
///     accuracy = 1 - q^20,   reward = 1 - q^20 - 0.05 (q + ... + q^20),   q = 1 - 1 / K
Score random_policy(std::int64_t classes);

/// The best policy that never looks at the image: window and mask tell it the time, so it names the classes
/// one after the other, the most frequent one of `training` first (of equally frequent ones the smaller).
/// What it earns over images with these `labels`.
Score blind_policy(const std::vector<std::int64_t>& training,
                            const std::vector<std::int64_t>& labels, std::int64_t classes);

}  // namespace crosstalk::env
