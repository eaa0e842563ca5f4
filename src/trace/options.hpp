#pragma once

#include <cstdint>
#include <optional>

namespace crosstalk::trace {

/// How one layer's part of a Gram matrix is made. plan.hpp predicts their costs and chooses.
enum class Method {
  outer,             // linear without a sequence: (A A') * (D D') elementwise, nothing of the weight's size
  weight_gradients,  // form each sample's weight gradient of this layer, one product, drop it
  pairs,             // sum over pairs of positions (t, s) of (a_t . a_s)(d_t . d_s)
};

/// Which code does it. All give the same numbers up to rounding.
enum class Path {
  fastest,   // direct GEMM calls on the CPU, ATen elsewhere
  portable,  // ATen alone: the only one on CUDA, and the fast path's check
};

struct Options {
  Path path = Path::fastest;
  std::optional<Method> method;  // instead of the cost model's choice, where the layer has it
  std::int64_t scratch_bytes =
      256ll << 20;  // for what is formed and dropped; the trace and the result not counted
};

}  // namespace crosstalk::trace
