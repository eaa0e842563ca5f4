#include "nn/linear.hpp"

#include <ATen/ops/addmm.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/mm.h>

#include "nn/tangents.hpp"
#include "tensor/kernels.hpp"
#include "tensor/slot.hpp"

namespace crosstalk::nn {

void Linear::place(const std::string& prefix, tensor::Layout& layout) {
  use_.weight = layout.add(prefix + ".weight", {outputs_, inputs_});
  if (has_bias_) use_.bias = layout.add(prefix + ".bias", {outputs_});
}

void Linear::forward(const Views& parameters, const at::Tensor& input, at::Tensor& output, Path path) const {
  const at::Tensor& weight = parameters[0];
  const std::int64_t samples = input.size(0);
  tensor::fit(output, {samples, outputs_}, input);
  if (!is_direct(path, input)) {
    if (has_bias_)
      at::addmm_out(output, parameters[1], input, weight.t());
    else
      at::mm_out(output, input, weight.t());
    return;
  }
  tensor::with_type(input, [&]<typename T>(T) {
    T* out = output.mutable_data_ptr<T>();
    if (has_bias_) tensor::repeat_row(parameters[1].const_data_ptr<T>(), out, samples, outputs_);
    tensor::gemm<T>(false, true, samples, outputs_, inputs_, 1, input.const_data_ptr<T>(), inputs_,
                    weight.const_data_ptr<T>(), inputs_, has_bias_ ? 1 : 0, out, outputs_);
  });
}

void Linear::backward(const Views& parameters, const at::Tensor& input, const at::Tensor& /*output*/,
                      const at::Tensor& output_gradient, at::Tensor& input_gradient, Path path) const {
  const at::Tensor& weight = parameters[0];
  const std::int64_t samples = input.size(0);
  tensor::fit(input_gradient, {samples, inputs_}, input);
  if (!is_direct(path, input)) {
    at::mm_out(input_gradient, output_gradient, weight);
    return;
  }
  tensor::with_type(input, [&]<typename T>(T) {
    tensor::gemm<T>(false, false, samples, inputs_, outputs_, 1, output_gradient.const_data_ptr<T>(),
                    outputs_, weight.const_data_ptr<T>(), inputs_, 0, input_gradient.mutable_data_ptr<T>(),
                    inputs_);
  });
}

at::Tensor Linear::tangent(const Moving& at) const {
  return sum_of(at.tangent.defined() ? at::matmul(at.tangent, at.parameters[0].t()) : at::Tensor(),
                at.step != nullptr ? at.step->of_values(use_, at.input) : at::Tensor());
}

at::Tensor Linear::bend(const Moving& at) const {
  if (at.step == nullptr || !at.tangent.defined()) return {};
  return at.step->of_tangents(use_, at.tangent).mul_(2);
}

at::Tensor Linear::tangent_back(const Moving& at, const at::Tensor& output_gradient,
                                const at::Tensor& gradient_tangent) const {
  return sum_of(gradient_tangent.defined() ? at::matmul(gradient_tangent, at.parameters[0]) : at::Tensor(),
                at.step != nullptr ? at.step->back(use_, at.input, output_gradient) : at::Tensor());
}

void Linear::tangent_traces(const Moving& at, const at::Tensor& gradient_tangent, const Leave& leave) const {
  leave(use_, at.tangent, gradient_tangent);
}

}  // namespace crosstalk::nn
