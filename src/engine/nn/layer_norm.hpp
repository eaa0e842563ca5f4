#pragma once

#include "nn/layer.hpp"

namespace crosstalk::nn {

/// out = gain * (x - mean) / sqrt(variance + 1e-5) + shift, mean and variance over a whole sample (Ba et al.
/// 2016); torch.nn.LayerNorm(shape of the sample). gain ("weight") and shift ("bias") have the sample's
/// shape. The trace keeps the normalised input (N, d), whatever the sample's shape.
class LayerNorm final : public Layer {
 public:
  static constexpr double epsilon = 1e-5;
  explicit LayerNorm(Shape shape);
  void place(const std::string& prefix, tensor::Layout& layout) override;
  std::string description() const override { return "layernorm"; }
  Shape output_shape() const override { return shape_; }
  std::vector<Use> uses() const override { return {use_}; }
  std::size_t parameter_count() const override { return 2; }
  std::int64_t multiply_adds() const override { return 3 * size_; }  // mean, variance, gain and shift
  void forward(const Views& parameters, const at::Tensor& input, at::Tensor& output,
               Path path) const override;
  void backward(const Views& parameters, const at::Tensor& input, const at::Tensor& output,
                const at::Tensor& output_gradient, at::Tensor& input_gradient, Path path) const override;
  void traces(const Views& parameters, const at::Tensor& input, const at::Tensor& output_gradient,
              const Leave& leave) const override;
  bool has_jets() const override { return true; }
  at::Tensor tangent(const Moving& moving) const override;
  at::Tensor bend(const Moving& moving) const override;
  at::Tensor tangent_back(const Moving& moving, const at::Tensor& output_gradient,
                          const at::Tensor& gradient_tangent) const override;
  void tangent_traces(const Moving& moving, const at::Tensor& gradient_tangent,
                      const Leave& leave) const override;

 private:
  at::Tensor normalised(const at::Tensor& input) const;
  /// The normalised input, and what it moves by.
  struct Normal {
    at::Tensor rate;         // (N, 1, 1) 1 / s
    at::Tensor value;        // (N, 1, d) n
    at::Tensor mean, first;  // (N, K, 1) q and (N, K, d) n'; undefined: the input stays
  };
  Normal normal(const Moving& moving) const;

  Shape shape_;
  std::int64_t size_;  // numbers in a sample
  ScaleUse use_{};
};

}  // namespace crosstalk::nn
