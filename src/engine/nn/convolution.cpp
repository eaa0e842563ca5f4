#include "nn/convolution.hpp"

#include <ATen/ops/convolution.h>
#include <ATen/ops/convolution_backward.h>

#include "base/layer_shape.hpp"
#include "nn/tangents.hpp"

namespace crosstalk::nn {
namespace {

std::string spelled(const Convolution::Pair& pair) {
  const std::string height = std::to_string(pair[0]);
  return pair[0] == pair[1] ? height : height + "x" + std::to_string(pair[1]);
}

constexpr std::array<std::int64_t, 2> no_output_padding = {0, 0};

}  // namespace

Convolution::Convolution(const Shape& input, std::int64_t channels, Pair kernel, Pair stride, Pair padding)
    : input_(input), channels_(channels), kernel_(kernel) {
  use_.stride = stride;
  use_.padding = padding;
  use_.dilation = {1, 1};
  use_.groups = 1;
}

void Convolution::place(const std::string& prefix, tensor::Layout& layout) {
  use_.weight = layout.add(prefix + ".weight", {channels_, input_[0], kernel_[0], kernel_[1]});
  use_.bias = layout.add(prefix + ".bias", {channels_});
}

std::string Convolution::description() const {
  std::string text = "conv " + std::to_string(channels_) + " " + spelled(kernel_);
  if (use_.stride != Pair{1, 1}) text += " stride " + spelled(use_.stride);
  if (use_.padding != Pair{0, 0}) text += " pad " + spelled(use_.padding);
  return text;
}

Shape Convolution::output_shape() const {
  const auto extent = [this](std::size_t i) {
    return (input_[i + 1] + 2 * use_.padding[i] - kernel_[i]) / use_.stride[i] + 1;
  };
  return {channels_, extent(0), extent(1)};
}

std::int64_t Convolution::multiply_adds() const {
  return numbers_in(output_shape()) * input_[0] * kernel_[0] * kernel_[1];
}

void Convolution::forward(const Views& parameters, const at::Tensor& input, at::Tensor& output,
                          Path /*path*/) const {
  output.reset();  // its memory may serve the new one
  output = at::convolution(input, parameters[0], parameters[1], use_.stride, use_.padding, use_.dilation,
                           false, no_output_padding, use_.groups)
               .contiguous();
}

void Convolution::backward(const Views& parameters, const at::Tensor& input, const at::Tensor& /*output*/,
                           const at::Tensor& output_gradient, at::Tensor& input_gradient,
                           Path /*path*/) const {
  input_gradient.reset();
  input_gradient = std::get<0>(at::convolution_backward(output_gradient, input, parameters[0], std::nullopt,
                                                        use_.stride, use_.padding, use_.dilation, false,
                                                        no_output_padding, use_.groups, {true, false, false}))
                       .contiguous();
}

at::Tensor Convolution::tangent(const Moving& at) const {
  at::Tensor own;
  if (at.tangent.defined())
    own = of_each(at::convolution(flat(at.tangent), at.parameters[0], std::nullopt, use_.stride, use_.padding,
                                  use_.dilation, false, no_output_padding, use_.groups),
                  at.tangent);
  return sum_of(own, at.step != nullptr ? at.step->of_values(use_, at.input) : at::Tensor());
}

at::Tensor Convolution::bend(const Moving& at) const {
  if (at.step == nullptr || !at.tangent.defined()) return {};
  return at.step->of_tangents(use_, at.tangent).mul_(2);
}

at::Tensor Convolution::tangent_back(const Moving& at, const at::Tensor& output_gradient,
                                     const at::Tensor& gradient_tangent) const {
  at::Tensor own;
  if (gradient_tangent.defined()) {
    const std::int64_t samples = gradient_tangent.size(0) * gradient_tangent.size(1);
    const at::Tensor like =
        at.input.narrow(0, 0, 1).expand({samples, -1, -1, -1});  // its shape alone is read
    own = of_each(
        std::get<0>(at::convolution_backward(flat(gradient_tangent).contiguous(), like, at.parameters[0],
                                             std::nullopt, use_.stride, use_.padding, use_.dilation, false,
                                             no_output_padding, use_.groups, {true, false, false})),
        gradient_tangent);
  }
  return sum_of(own, at.step != nullptr ? at.step->back(use_, at.input, output_gradient) : at::Tensor());
}

void Convolution::tangent_traces(const Moving& at, const at::Tensor& gradient_tangent,
                                 const Leave& leave) const {
  leave(use_, at.tangent, gradient_tangent);
}

}  // namespace crosstalk::nn
