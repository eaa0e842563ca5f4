#include "nn/tanh.hpp"

#include <ATen/ops/tanh.h>
#include <ATen/ops/tanh_backward.h>

#include "nn/slot.hpp"
#include "tensor/kernels.hpp"

namespace crosstalk::nn {

void Tanh::forward(std::span<const at::Tensor>, const at::Tensor& input, at::Tensor& output,
                   Path /*path*/) const {
  fit(output, input.sizes(), input);
  at::tanh_out(output, input);
}

void Tanh::backward(std::span<const at::Tensor>, const at::Tensor& input, const at::Tensor& output,
                    const at::Tensor& output_gradient, at::Tensor& input_gradient, Path path) const {
  fit(input_gradient, input.sizes(), input);
  if (!is_direct(path, input) || !is_small(input)) {
    at::tanh_backward_out(input_gradient, output_gradient, output);
    return;
  }
  with_type(input, [&]<typename T>(T) {
    tensor::tanh_backward(output.const_data_ptr<T>(), output_gradient.const_data_ptr<T>(),
                          input_gradient.mutable_data_ptr<T>(), input.numel());
  });
}

}  // namespace crosstalk::nn
