#pragma once

#include "nn/layer.hpp"

namespace crosstalk::nn {

/// out = x where x > 0, else 0.01 x.
class LeakyReLU final : public Layer {
 public:
  static constexpr double slope = 0.01;
  explicit LeakyReLU(Shape shape) : shape_(std::move(shape)) {}
  std::string description() const override { return "leaky"; }
  Shape output_shape() const override { return shape_; }
  void forward(std::span<const at::Tensor> parameters, const at::Tensor& input, at::Tensor& output,
               Path path) const override;
  void backward(std::span<const at::Tensor> parameters, const at::Tensor& input, const at::Tensor& output,
                const at::Tensor& output_gradient, at::Tensor& input_gradient, Path path) const override;

 private:
  Shape shape_;
};

}  // namespace crosstalk::nn
