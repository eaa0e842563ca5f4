#pragma once

#include <ATen/core/Tensor.h>

namespace crosstalk::nn {

class Layer;

/// Error(config) that names a layer without derivatives along directions.
[[noreturn]] void refuse_jets(const Layer& layer);

/// (N K, ...) of (N, K, ...), and (N, K, ...) again: a layer's own passes know one dimension of samples.
inline at::Tensor flat(const at::Tensor& tangents) { return tangents.flatten(0, 1); }
inline at::Tensor of_each(const at::Tensor& flat, const at::Tensor& like) {
  return flat.unflatten(0, {like.size(0), like.size(1)});
}

/// a + b, where either may be undefined (0).
inline at::Tensor sum_of(const at::Tensor& a, const at::Tensor& b) {
  return !a.defined() ? b : !b.defined() ? a : a.add(b);
}

}  // namespace crosstalk::nn
