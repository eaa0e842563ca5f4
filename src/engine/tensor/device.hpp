#pragma once

#include <ATen/core/Tensor.h>

#include <string_view>

namespace crosstalk::tensor {

/// runtime.device: "cpu" or "cuda", the first GPU that the process sees (CUDA_VISIBLE_DEVICES chooses
/// another: which one it was is no part of what a run is). Error(config) for another word; Error(environment)
/// where there is none, saying whether torch lacks CUDA or the machine lacks the GPU.
at::Device device(std::string_view name);

/// runtime.precision: "single" or "double"; Error(config) otherwise.
at::ScalarType precision(std::string_view name);

/// Whether torch says that memory is short. Where the processor's is, it throws a plain error.
bool is_of_memory(const c10::Error& error);

}  // namespace crosstalk::tensor
