#pragma once

#include "nn/layer.hpp"

namespace crosstalk::nn {

/// out = tanh(x), by ATen on both paths: its vectorised tanh is what a plain loop has not.
class Tanh final : public Layer {
 public:
  explicit Tanh(Shape shape) : shape_(std::move(shape)) {}
  std::string description() const override { return "tanh"; }
  Shape output_shape() const override { return shape_; }
  void forward(std::span<const at::Tensor> parameters, const at::Tensor& input, at::Tensor& output,
               Path path) const override;
  void backward(std::span<const at::Tensor> parameters, const at::Tensor& input, const at::Tensor& output,
                const at::Tensor& output_gradient, at::Tensor& input_gradient, Path path) const override;

 private:
  Shape shape_;
};

}  // namespace crosstalk::nn
