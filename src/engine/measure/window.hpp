#pragma once

#include "learn/objective.hpp"
#include "measure/neighbours.hpp"

namespace crosstalk::measure {

/// The errors of one objective at steps one after the other, from each sample on.
struct Window {
  Neighbours steps;    // at the offsets 0 ... length - 1
  at::Tensor defined;  // (n) bool, of steps.rows: whether a step has an aim
  at::Tensor errors;   // (n, H) double, on the CPU; 0 where it has none
};

/// In blocks, so that memory does not grow with the steps. The objective has errors and does not look ahead.
Window errors_along(const learn::Objective& objective, const data::Rows& samples, std::int64_t length,
                    learn::Passes& passes);

}  // namespace crosstalk::measure
