#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>

#include "nn/layer.hpp"

/// What the layers' fast paths share: slots that are filled in place, and when to call plain loops.
namespace crosstalk::nn {

/// Makes `slot` a contiguous tensor of these sizes with the type and device of `like`; keeps it when it is
/// one.
inline void fit(at::Tensor& slot, at::IntArrayRef sizes, const at::Tensor& like) {
  if (slot.defined() && slot.sizes() == sizes && slot.scalar_type() == like.scalar_type() &&
      slot.device() == like.device()) {
    return;
  }
  slot = at::empty(sizes, like.options());
}

inline bool is_direct(Path path, const at::Tensor& like) { return path == Path::fastest && like.is_cpu(); }

/// Elementwise work up to here is a plain loop; beyond it ATen's call costs nothing beside its wider vectors
/// and its threads, and gives the same bits.
inline bool is_small(const at::Tensor& values) { return values.numel() <= 1 << 15; }

/// Calls `function` with a value of the tensor's type: float or double.
template <typename Function>
void with_type(const at::Tensor& like, Function function) {
  if (like.scalar_type() == at::kFloat) {
    function(float{});
  } else {
    function(double{});
  }
}

}  // namespace crosstalk::nn
