#include "nn/leaky_relu.hpp"

#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/leaky_relu_backward.h>

#include "nn/slot.hpp"
#include "tensor/kernels.hpp"

namespace crosstalk::nn {

void LeakyReLU::forward(std::span<const at::Tensor>, const at::Tensor& input, at::Tensor& output,
                        Path path) const {
  fit(output, input.sizes(), input);
  if (!is_direct(path, input) || !is_small(input)) {
    at::leaky_relu_out(output, input, slope);
    return;
  }
  with_type(input, [&]<typename T>(T) {
    tensor::leaky_forward(input.const_data_ptr<T>(), output.mutable_data_ptr<T>(), input.numel(),
                          static_cast<T>(slope));
  });
}

void LeakyReLU::backward(std::span<const at::Tensor>, const at::Tensor& input, const at::Tensor& /*output*/,
                         const at::Tensor& output_gradient, at::Tensor& input_gradient, Path path) const {
  fit(input_gradient, input.sizes(), input);
  if (!is_direct(path, input) || !is_small(input)) {
    at::leaky_relu_backward_out(input_gradient, output_gradient, input, slope, false);
    return;
  }
  with_type(input, [&]<typename T>(T) {
    tensor::leaky_backward(input.const_data_ptr<T>(), output_gradient.const_data_ptr<T>(),
                           input_gradient.mutable_data_ptr<T>(), input.numel(), static_cast<T>(slope));
  });
}

}  // namespace crosstalk::nn
