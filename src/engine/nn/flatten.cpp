#include "nn/flatten.hpp"

#include "base/layer_shape.hpp"

namespace crosstalk::nn {

Flatten::Flatten(const Shape& input) : size_(numbers_in(input)) {}

void Flatten::forward(const Views&, const at::Tensor& input, at::Tensor& output, Path) const {
  output = input.view({input.size(0), size_});
}

void Flatten::backward(const Views&, const at::Tensor& input, const at::Tensor& /*output*/,
                       const at::Tensor& output_gradient, at::Tensor& input_gradient, Path) const {
  input_gradient = output_gradient.view(input.sizes());
}

}  // namespace crosstalk::nn
