#include "nn/relu.hpp"

#include <ATen/ops/relu.h>
#include <ATen/ops/threshold_backward.h>

#include "nn/slot.hpp"
#include "tensor/kernels.hpp"

namespace crosstalk::nn {

void ReLU::forward(std::span<const at::Tensor>, const at::Tensor& input, at::Tensor& output,
                   Path path) const {
  fit(output, input.sizes(), input);
  if (!is_direct(path, input) || !is_small(input)) {
    at::relu_out(output, input);
    return;
  }
  with_type(input, [&]<typename T>(T) {
    tensor::relu_forward(input.const_data_ptr<T>(), output.mutable_data_ptr<T>(), input.numel());
  });
}

void ReLU::backward(std::span<const at::Tensor>, const at::Tensor& input, const at::Tensor& /*output*/,
                    const at::Tensor& output_gradient, at::Tensor& input_gradient, Path path) const {
  fit(input_gradient, input.sizes(), input);
  if (!is_direct(path, input) || !is_small(input)) {
    at::threshold_backward_out(input_gradient, output_gradient, input, 0);
    return;
  }
  with_type(input, [&]<typename T>(T) {
    tensor::relu_backward(input.const_data_ptr<T>(), output_gradient.const_data_ptr<T>(),
                          input_gradient.mutable_data_ptr<T>(), input.numel());
  });
}

}  // namespace crosstalk::nn
