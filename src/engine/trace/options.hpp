#pragma once

#include <cstdint>
#include <optional>

#include "nn/layer.hpp"
#include "trace/scratch.hpp"

namespace crosstalk::trace {

/// How one layer's part of a Gram matrix is made. plan.hpp predicts their costs and chooses.
enum class Method {
  outer,             // linear without a sequence: (A A') * (D D') elementwise, nothing of the weight's size
  weight_gradients,  // form each sample's weight gradient of this layer, one product, drop it
  pairs,             // sum over pairs of positions (t, s) of (a_t . a_s)(d_t . d_s)
};

using Path = nn::Path;  // direct calls on the CPU, or ATen alone

struct Options {
  Path path = Path::fastest;
  std::optional<Method> method;             // instead of the cost model's choice, where the layer has it
  std::int64_t scratch_bytes = 64ll << 20;  // for what is formed and dropped, beside trace and result
  Scratch* scratch = nullptr;               // where it is formed; nullptr: the call's own
};

}  // namespace crosstalk::trace
