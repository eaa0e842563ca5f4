#pragma once

#include "nn/layer.hpp"

namespace crosstalk::nn {

/// out = x W' + b    x (N, d), W (p, d), b (p) or none, out (N, p)
class Linear final : public Layer {
 public:
  Linear(std::int64_t inputs, std::int64_t outputs, bool bias = true)
      : inputs_(inputs), outputs_(outputs), has_bias_(bias) {}
  void place(const std::string& prefix, tensor::Layout& layout) override;
  std::string description() const override { return "linear " + std::to_string(outputs_); }
  Shape output_shape() const override { return {outputs_}; }
  std::vector<Use> uses() const override { return {use_}; }
  std::size_t parameter_count() const override { return has_bias_ ? 2 : 1; }
  std::int64_t multiply_adds() const override { return inputs_ * outputs_; }
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
  std::int64_t inputs_, outputs_;
  bool has_bias_;
  LinearUse use_{};
};

}  // namespace crosstalk::nn
