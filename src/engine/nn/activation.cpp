#include "nn/activation.hpp"

#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/leaky_relu_backward.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/tanh_backward.h>
#include <ATen/ops/threshold_backward.h>

#include "base/layer_shape.hpp"
#include "tensor/kernels.hpp"
#include "tensor/slot.hpp"

namespace crosstalk::nn {
namespace {

constexpr double slope = 0.01;  // of leaky_relu below 0

// Elementwise work up to here is a plain loop; beyond it ATen's call costs nothing beside its wider vectors
// and its threads, and gives the same bits.
constexpr std::int64_t small = 1 << 15;

bool by_loop(Path path, const at::Tensor& values) {
  return is_direct(path, values) && values.numel() <= small;
}

void relu_forward(const at::Tensor& input, at::Tensor& output, Path path) {
  if (!by_loop(path, input)) {
    at::relu_out(output, input);
    return;
  }
  tensor::with_type(input, [&]<typename T>(T) {
    tensor::relu_forward(input.const_data_ptr<T>(), output.mutable_data_ptr<T>(), input.numel());
  });
}

void relu_backward(const at::Tensor& input, const at::Tensor& /*output*/, const at::Tensor& output_gradient,
                   at::Tensor& input_gradient, Path path) {
  if (!by_loop(path, input)) {
    at::threshold_backward_out(input_gradient, output_gradient, input, 0);
    return;
  }
  tensor::with_type(input, [&]<typename T>(T) {
    tensor::relu_backward(input.const_data_ptr<T>(), output_gradient.const_data_ptr<T>(),
                          input_gradient.mutable_data_ptr<T>(), input.numel());
  });
}

void leaky_forward(const at::Tensor& input, at::Tensor& output, Path path) {
  if (!by_loop(path, input)) {
    at::leaky_relu_out(output, input, slope);
    return;
  }
  tensor::with_type(input, [&]<typename T>(T) {
    tensor::leaky_forward(input.const_data_ptr<T>(), output.mutable_data_ptr<T>(), input.numel(),
                          static_cast<T>(slope));
  });
}

void leaky_backward(const at::Tensor& input, const at::Tensor& /*output*/, const at::Tensor& output_gradient,
                    at::Tensor& input_gradient, Path path) {
  if (!by_loop(path, input)) {
    at::leaky_relu_backward_out(input_gradient, output_gradient, input, slope, false);
    return;
  }
  tensor::with_type(input, [&]<typename T>(T) {
    tensor::leaky_backward(input.const_data_ptr<T>(), output_gradient.const_data_ptr<T>(),
                           input_gradient.mutable_data_ptr<T>(), input.numel(), static_cast<T>(slope));
  });
}

// By ATen on both paths: its vectorised tanh is what a plain loop has not.
void tanh_forward(const at::Tensor& input, at::Tensor& output, Path /*path*/) { at::tanh_out(output, input); }

void tanh_backward(const at::Tensor& input, const at::Tensor& output, const at::Tensor& output_gradient,
                   at::Tensor& input_gradient, Path path) {
  if (!by_loop(path, input)) {
    at::tanh_backward_out(input_gradient, output_gradient, output);
    return;
  }
  tensor::with_type(input, [&]<typename T>(T) {
    tensor::tanh_backward(output.const_data_ptr<T>(), output_gradient.const_data_ptr<T>(),
                          input_gradient.mutable_data_ptr<T>(), input.numel());
  });
}

}  // namespace

const Function relu{"relu", relu_forward, relu_backward};
const Function leaky_relu{"leaky", leaky_forward, leaky_backward};
const Function tanh{"tanh", tanh_forward, tanh_backward};

std::int64_t Activation::multiply_adds() const { return numbers_in(shape_); }

void Activation::forward(const Views&, const at::Tensor& input, at::Tensor& output, Path path) const {
  tensor::fit(output, input.sizes(), input);
  function_.forward(input, output, path);
}

void Activation::backward(const Views&, const at::Tensor& input, const at::Tensor& output,
                          const at::Tensor& output_gradient, at::Tensor& input_gradient, Path path) const {
  tensor::fit(input_gradient, input.sizes(), input);
  function_.backward(input, output, output_gradient, input_gradient, path);
}

}  // namespace crosstalk::nn
