#pragma once

#include <optional>

#include "learn/objective.hpp"
#include "measure/neighbours.hpp"

namespace crosstalk::measure {

/// What one objective says at steps one after the other, from each sample on: its errors, or its targets.
struct Window {
  Neighbours steps;    // at the offsets 0 ... length - 1
  at::Tensor defined;  // (n) bool, of steps.rows: whether a step has an aim
  at::Tensor values;   // (n, H) double, on the CPU; 0 where it has none

  /// Where in `values` a sample's window begins, whose steps stand there one after the other; nothing where
  /// it would go on beyond its episode's end, or a step of it has no aim.
  std::optional<std::int64_t> begin(std::int64_t sample) const;
};

/// In blocks, so that memory does not grow with the steps. The objective has errors and does not look ahead.
Window errors_along(const learn::Objective& objective, const data::Rows& samples, std::int64_t length,
                    learn::Passes& passes);
/// The errors at the same steps, as they are now; a step that is no longer held has none.
Window errors_again(const learn::Objective& objective, const Window& before, learn::Passes& passes);
/// The targets of an objective that does not look ahead.
Window targets_along(const learn::Objective& objective, const data::Rows& samples, std::int64_t length,
                     learn::Passes& passes);

}  // namespace crosstalk::measure
