#include "env/policies.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "env/view.hpp"

namespace crosstalk::env {

Score random_policy(std::int64_t classes) {
  const double wrong = 1 - 1 / static_cast<double>(classes);
  double still_wrong = 1, wrong_steps = 0;
  for (std::int64_t step = 0; step < most_steps; ++step) {
    still_wrong *= wrong;
    wrong_steps += still_wrong;
  }
  const double accuracy = 1 - still_wrong;
  return {right_reward * accuracy + step_reward * wrong_steps, accuracy, 1 - wrong};
}

Score blind_policy(const std::vector<std::int64_t>& training,
                            const std::vector<std::int64_t>& labels, std::int64_t classes) {
  std::vector<std::int64_t> frequency(static_cast<std::size_t>(classes), 0), order(frequency.size());
  for (const std::int64_t label : training) ++frequency[static_cast<std::size_t>(label)];
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
    return frequency[static_cast<std::size_t>(a)] > frequency[static_cast<std::size_t>(b)];
  });
  Score score;
  for (const std::int64_t label : labels) {
    const auto wrong =
        std::min<std::int64_t>(std::find(order.begin(), order.end(), label) - order.begin(), most_steps);
    const bool right = wrong < most_steps;
    score.reward += step_reward * static_cast<double>(wrong) + (right ? right_reward : 0);
    score.accuracy += right;
    score.first_guess += wrong == 0;
  }
  const auto count = static_cast<double>(labels.size());
  return {score.reward / count, score.accuracy / count, score.first_guess / count};
}

}  // namespace crosstalk::env
