#pragma once

#include <optional>
#include <vector>

#include "replay/trajectories.hpp"

namespace crosstalk::run {

/// Steps of stored trajectories to learn from and to test on, each in their order.
struct Split {
  std::vector<data::Id> train, test;
};

/// Divides whole episodes: a step and its neighbours are on one side. It is drawn as rows of own data are
/// (python/crosstalk/data/order.py): episodes are sorted by the SHA-256 of "crosstalk I", I their number, and
/// the last `test_share` of them, at least one, are for the test. So all seeds share it, on every machine.
/// `transitions`: of the training episodes, in the order in which they were played, only the first whole ones
/// that have together no more steps than this. Error(config) where there are fewer than two episodes, fewer
/// transitions, or no whole episode among them.
Split split_by_episodes(const replay::Trajectories& steps, double test_share,
                        std::optional<std::int64_t> transitions);

}  // namespace crosstalk::run
