#pragma once

#include <ATen/core/Tensor.h>

#include <string_view>

namespace crosstalk::measure {

/// probe.function: the scalar of a sample's outputs whose gradient interferes.
enum class Prediction {
  max,         // the largest output; which one it is, is held fixed. Of equal ones the first
  mean,        // the mean of the outputs
  confidence,  // the softmax probability of the largest output, which one held fixed
  taken,       // the outputs of the actions taken, summed over heads
};

/// "max", "mean", "confidence" or "taken"; Error(config) otherwise.
Prediction prediction(std::string_view name);

/// (N, p): gradient of each sample's scalar at its outputs (N, p). `actions` (N, p) is 1 at the outputs of
/// the actions taken; only `taken` reads it.
at::Tensor cotangent(Prediction prediction, const at::Tensor& output, const at::Tensor& actions);

}  // namespace crosstalk::measure
