#include "trace/scratch.hpp"

#include <ATen/ops/empty.h>

namespace crosstalk::trace {

at::Tensor Scratch::take(std::int64_t numbers, const at::TensorOptions& like) {
  if (!memory_.defined() || memory_.numel() < numbers || memory_.dtype() != like.dtype()) {
    memory_.reset();  // before the larger one is there
    memory_ = at::empty({numbers}, like);
  }
  return memory_;
}

}  // namespace crosstalk::trace
