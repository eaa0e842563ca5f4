#pragma once

#include <array>

#include "nn/layer.hpp"

namespace crosstalk::nn {

/// Two-dimensional convolution (cross-correlation, as PyTorch): x (N, C, H, W), W (P, C, kh, kw), b (P),
/// out (N, P, H', W') with H' = (H + 2 pad - kh) / stride + 1. By ATen on both paths: it chooses oneDNN,
/// whose blocked kernels an im2col of ours would not beat.
class Convolution final : public Layer {
 public:
  using Pair = std::array<std::int64_t, 2>;  // height, width
  /// The kernel is no larger than the padded input: base/layer_shape.hpp sees to that.
  Convolution(const Shape& input, std::int64_t channels, Pair kernel, Pair stride, Pair padding);
  void place(const std::string& prefix, tensor::Layout& layout) override;
  std::string description() const override;
  Shape output_shape() const override;
  std::vector<Use> uses() const override { return {use_}; }
  std::size_t parameter_count() const override { return 2; }
  std::int64_t multiply_adds() const override;
  void forward(const Views& parameters, const at::Tensor& input, at::Tensor& output,
               Path path) const override;
  void backward(const Views& parameters, const at::Tensor& input, const at::Tensor& output,
                const at::Tensor& output_gradient, at::Tensor& input_gradient, Path path) const override;
  bool has_jets() const override { return true; }
  at::Tensor tangent(const Moving& moving) const override;
  at::Tensor bend(const Moving& moving) const override;
  at::Tensor tangent_back(const Moving& moving, const at::Tensor& output_gradient,
                          const at::Tensor& gradient_tangent) const override;
  void tangent_traces(const Moving& moving, const at::Tensor& gradient_tangent,
                      const Leave& leave) const override;

 private:
  Shape input_;
  std::int64_t channels_;
  Pair kernel_;
  ConvolutionUse use_{};
};

}  // namespace crosstalk::nn
