#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace crosstalk::measure {

/// The empirical neural tangent kernel of n samples and all p outputs (of distributions the p means).
struct Kernel {
  std::int64_t samples = 0, outputs = 0;
  at::Tensor dots;                    // (n p, n p) double, on the CPU: row u p + k is output k of sample u
  std::vector<std::int64_t> largest;  // (n): which output is each sample's largest
  double rounding = 0;                // of the precision in which the dots were made: 1.2e-7, or 2.2e-16
};

}  // namespace crosstalk::measure
