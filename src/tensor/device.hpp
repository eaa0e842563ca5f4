#pragma once

#include <ATen/core/Tensor.h>

#include <string_view>

namespace crosstalk::tensor {

/// runtime.device: "cpu", "cuda" or "cuda:1". Error(config) for another word; Error(environment) where there
/// is no such GPU, saying whether torch lacks CUDA or the machine lacks the GPU.
at::Device device(std::string_view name);

/// runtime.precision: "single" or "double"; Error(config) otherwise.
at::ScalarType precision(std::string_view name);

}  // namespace crosstalk::tensor
