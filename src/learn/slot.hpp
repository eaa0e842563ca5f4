#pragma once

#include <ATen/ops/empty_like.h>

namespace crosstalk::learn {

/// Makes `slot` a contiguous tensor like `like`; keeps it when it is one.
inline void fit(at::Tensor& slot, const at::Tensor& like) {
  if (slot.defined() && slot.sizes() == like.sizes() && slot.scalar_type() == like.scalar_type() &&
      slot.device() == like.device()) {
    return;
  }
  slot = at::empty_like(like, at::MemoryFormat::Contiguous);
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

}  // namespace crosstalk::learn
