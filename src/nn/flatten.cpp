#include "nn/flatten.hpp"

namespace crosstalk::nn {
namespace {

void see(const at::Tensor& memory, at::IntArrayRef sizes, at::Tensor& slot) {
  // A slot that sees the same memory in the same sizes holds its storage, so the memory is the same tensor's.
  if (slot.defined() && slot.const_data_ptr() == memory.const_data_ptr() && slot.sizes() == sizes &&
      slot.scalar_type() == memory.scalar_type()) {
    return;
  }
  slot = memory.view(sizes);
}

}  // namespace

Flatten::Flatten(const Shape& input) : size_(1) {
  for (const std::int64_t extent : input) size_ *= extent;
}

void Flatten::forward(std::span<const at::Tensor>, const at::Tensor& input, at::Tensor& output, Path) const {
  see(input, {input.size(0), size_}, output);
}

void Flatten::backward(std::span<const at::Tensor>, const at::Tensor& input, const at::Tensor& /*output*/,
                       const at::Tensor& output_gradient, at::Tensor& input_gradient, Path) const {
  see(output_gradient, input.sizes(), input_gradient);
}

}  // namespace crosstalk::nn
