#pragma once

#include "nn/layer.hpp"

namespace crosstalk::nn {

/// A function of each number by itself, and how a gradient goes back through it: from the sign of the input,
/// which is the output's too, or from the output.
struct Function {
  std::string_view word;  // in network.layers
  void (*forward)(const at::Tensor& input, at::Tensor& output, Path path);
  void (*backward)(const at::Tensor& input, const at::Tensor& output, const at::Tensor& output_gradient,
                   at::Tensor& input_gradient, Path path);
  // Its first derivative, and its second, where there is one, from the output.
  at::Tensor (*slope)(const at::Tensor& output);
  at::Tensor (*curvature)(const at::Tensor& output);
};

extern const Function relu;        // max(x, 0); its derivative at 0 is 0
extern const Function leaky_relu;  // x where x > 0, else 0.01 x
extern const Function tanh;

/// One of these functions as a layer.
class Activation final : public Layer {
 public:
  Activation(const Function& function, Shape shape) : function_(function), shape_(std::move(shape)) {}
  std::string description() const override { return std::string(function_.word); }
  Shape output_shape() const override { return shape_; }
  bool works_in_place() const override { return true; }
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
  const Function& function_;
  Shape shape_;
};

}  // namespace crosstalk::nn
