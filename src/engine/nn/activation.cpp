#include "nn/activation.hpp"

#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/leaky_relu_backward.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/tanh_backward.h>
#include <ATen/ops/threshold_backward.h>

#include "base/layer_shape.hpp"
#include "nn/tangents.hpp"
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

at::Tensor relu_slope(const at::Tensor& output) { return output.gt(0).to(output.scalar_type()); }
at::Tensor leaky_slope(const at::Tensor& output) { return relu_slope(output).mul_(1 - slope).add_(slope); }
at::Tensor tanh_slope(const at::Tensor& output) { return output.square().neg_().add_(1); }
at::Tensor tanh_curvature(const at::Tensor& output) { return tanh_slope(output).mul_(output).mul_(-2); }

}  // namespace

const Function relu{"relu", relu_forward, relu_backward, relu_slope, nullptr};
const Function leaky_relu{"leaky", leaky_forward, leaky_backward, leaky_slope, nullptr};
const Function tanh{"tanh", tanh_forward, tanh_backward, tanh_slope, tanh_curvature};

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

at::Tensor Activation::tangent(const Moving& at) const {
  return at.tangent.defined() ? at.tangent.mul(function_.slope(at.output).unsqueeze(1)) : at::Tensor();
}

at::Tensor Activation::bend(const Moving& at) const {
  if (!at.tangent.defined() || function_.curvature == nullptr) return {};
  return at.tangent.square().mul_(function_.curvature(at.output).unsqueeze(1));
}

at::Tensor Activation::tangent_back(const Moving& at, const at::Tensor& output_gradient,
                                    const at::Tensor& gradient_tangent) const {
  const bool bends = at.tangent.defined() && function_.curvature != nullptr;
  return sum_of(gradient_tangent.defined() ? gradient_tangent.mul(function_.slope(at.output).unsqueeze(1))
                                           : at::Tensor(),
                bends ? at.tangent.mul(function_.curvature(at.output).mul(output_gradient).unsqueeze(1))
                      : at::Tensor());
}

void Activation::tangent_traces(const Moving&, const at::Tensor&, const Leave&) const {}

}  // namespace crosstalk::nn
