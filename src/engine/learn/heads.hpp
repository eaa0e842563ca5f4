#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace crosstalk::learn {

/// How a network's outputs (N, p) divide into choices that stand side by side: the sizes of the heads, p in
/// all. The windowed task has two, the classes and the four moves.
using Heads = std::vector<std::int64_t>;

/// (N, H) int64: the largest output of each head, counted within the head; of equal ones the first.
at::Tensor largest(const at::Tensor& output, const Heads& heads);
/// (N, H): the outputs that `chosen` (N, H) names.
at::Tensor chosen_outputs(const at::Tensor& output, const Heads& heads, const at::Tensor& chosen);
/// (N, H): the mean over the outputs of each head.
at::Tensor head_means(const at::Tensor& output, const Heads& heads);
/// (N, p), 0 but for values (N, H) at the outputs that `chosen` names.
at::Tensor at_chosen(const at::Tensor& output, const Heads& heads, const at::Tensor& chosen,
                     const at::Tensor& values);

}  // namespace crosstalk::learn
