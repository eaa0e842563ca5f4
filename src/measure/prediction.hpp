#pragma once

#include <ATen/core/Tensor.h>

#include <string_view>

namespace crosstalk::measure {

/// probe.function: the scalar of a sample's outputs whose gradient interferes.
enum class Prediction {
  max,         // the largest output; which one it is, is held fixed. Of equal ones the first
  mean,        // the mean of the outputs
  confidence,  // the softmax probability of the largest output, which one held fixed
};

/// "max", "mean" or "confidence"; Error(config) otherwise.
Prediction prediction(std::string_view name);

/// (N, p): gradient of each sample's scalar at its outputs (N, p).
at::Tensor cotangent(Prediction prediction, const at::Tensor& output);

}  // namespace crosstalk::measure
