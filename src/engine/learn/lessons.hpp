#pragma once

#include <functional>
#include <vector>

#include "data/table.hpp"

namespace crosstalk::learn {

/// What there is to learn of trajectories that lie stored: nobody acts, and no step comes or goes.
struct Lessons {
  std::vector<data::Id> rows;  // the steps that are learned from
  /// (N, actions) double: what an expert says of all actions at the observation before or after each of these
  /// steps, Q*; empty: none played them.
  std::function<at::Tensor(std::span<const data::Id> rows, data::At at)> known = {};
};

}  // namespace crosstalk::learn
