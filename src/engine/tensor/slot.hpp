#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>

/// Slots that are filled in place, and code for either type.
namespace crosstalk::tensor {

/// Makes `slot` a contiguous tensor of these sizes with the type and device of `like`; keeps it when it is
/// one.
inline void fit(at::Tensor& slot, at::IntArrayRef sizes, const at::Tensor& like) {
  if (slot.defined() && slot.sizes() == sizes && slot.scalar_type() == like.scalar_type() &&
      slot.device() == like.device()) {
    return;
  }
  slot = at::empty(sizes, like.options());
}

/// Calls `function` with a value of the tensor's type: float or double.
template <typename Function>
void with_type(const at::Tensor& like, Function function) {
  if (like.scalar_type() == at::kFloat) {
    function(float{});
  } else {
    function(double{});
  }
}

}  // namespace crosstalk::tensor
