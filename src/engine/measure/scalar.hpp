#pragma once

#include <ATen/core/Tensor.h>

#include "base/vocabulary.hpp"

namespace crosstalk::measure {

/// (N, p): gradient of each sample's scalar (probe.function) at its outputs (N, p), or at its values where
/// outputs are distributions. `taken` (N, p) is 1 at
/// the outputs of the actions taken; only Function::taken reads it.
at::Tensor cotangent(Function function, const at::Tensor& output, const at::Tensor& taken);

}  // namespace crosstalk::measure
