#pragma once

#include <functional>
#include <vector>

#include "data/table.hpp"
#include "learn/life.hpp"

namespace crosstalk::learn {

/// What there is to learn of trajectories that others made: nobody acts.
struct Lessons {
  std::vector<data::Id> rows = {};  // the stored steps that are learned from
  Life* life = nullptr;             // in their place: whose steps they are, in their order; it outlives this
  /// (N, actions) double: what who played says of all actions at the observation before or after each of
  /// these steps, Q*; empty: nobody's values are known.
  std::function<at::Tensor(const data::Rows& rows, data::At at)> known = {};
};

}  // namespace crosstalk::learn
