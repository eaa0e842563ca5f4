#include "nn/flatten.hpp"

#include "base/layer_shape.hpp"
#include "nn/tangents.hpp"

namespace crosstalk::nn {

Flatten::Flatten(const Shape& input) : size_(numbers_in(input)) {}

void Flatten::forward(const Views&, const at::Tensor& input, at::Tensor& output, Path) const {
  output = input.view({input.size(0), size_});
}

void Flatten::backward(const Views&, const at::Tensor& input, const at::Tensor& /*output*/,
                       const at::Tensor& output_gradient, at::Tensor& input_gradient, Path) const {
  input_gradient = output_gradient.view(input.sizes());
}

at::Tensor Flatten::tangent(const Moving& at) const {
  return at.tangent.defined() ? at.tangent.flatten(2) : at::Tensor();
}

at::Tensor Flatten::bend(const Moving&) const { return {}; }

at::Tensor Flatten::tangent_back(const Moving& at, const at::Tensor&,
                                 const at::Tensor& gradient_tangent) const {
  return gradient_tangent.defined() ? gradient_tangent.unflatten(2, at.input.sizes().slice(1)) : at::Tensor();
}

void Flatten::tangent_traces(const Moving&, const at::Tensor&, const Leave&) const {}

}  // namespace crosstalk::nn
