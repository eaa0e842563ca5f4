#pragma once

#include "nn/layer.hpp"

namespace crosstalk::nn {

/// (N, C, H, W) seen as (N, C H W): a view in both directions, made once for a tape.
class Flatten final : public Layer {
 public:
  explicit Flatten(const Shape& input);
  std::string description() const override { return "flatten"; }
  Shape output_shape() const override { return {size_}; }
  std::int64_t multiply_adds() const override { return 0; }
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
  std::int64_t size_;
};

}  // namespace crosstalk::nn
