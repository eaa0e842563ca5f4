#include "nn/noisy.hpp"

#include <ATen/ops/zeros_like.h>

#include <cmath>

#include "base/layer_line.hpp"
#include "nn/initialise.hpp"

namespace crosstalk::nn {
namespace {

Views means(const Views& all) { return {all.theta.first(2), {}}; }
Views deviations(const Views& all) { return {all.theta.subspan(2), {}}; }
bool is_on(const Views& all) { return !all.noise.empty(); }
const at::Tensor& of_inputs(const Views& all) { return all.noise[0]; }
const at::Tensor& of_outputs(const Views& all) { return all.noise[1]; }

}  // namespace

Noisy::Noisy(std::int64_t inputs, std::int64_t outputs, double spread)
    : inputs_(inputs),
      outputs_(outputs),
      spread_(spread),
      mean_(inputs, outputs),
      deviation_(inputs, outputs) {}

void Noisy::place(const std::string& prefix, tensor::Layout& layout) {
  mean_.place(prefix, layout);
  deviation_.place(prefix + ".sigma", layout);
}

std::string Noisy::description() const {
  return to_string(LayerLine{.kind = "linear", .units = outputs_, .noise = spread_});
}

std::vector<Use> Noisy::uses() const { return {mean_.uses().front(), deviation_.uses().front()}; }

void Noisy::begin(Beginning& beginning) const {
  const double bound = 1 / std::sqrt(static_cast<double>(inputs_));
  const std::vector<Use> all = uses();
  each_segment(all[0], [&](std::size_t segment) { beginning.uniform(segment, bound); });
  each_segment(all[1], [&](std::size_t segment) { beginning.constant(segment, spread_ * bound); });
}

void Noisy::forward(const Views& parameters, const at::Tensor& input, at::Tensor& output, Path path) const {
  mean_.forward(means(parameters), input, output, path);
  if (!is_on(parameters)) return;
  at::Tensor deviation;
  deviation_.forward(deviations(parameters), input.mul(of_inputs(parameters)), deviation, path);
  output.addcmul_(deviation, of_outputs(parameters));
}

void Noisy::backward(const Views& parameters, const at::Tensor& input, const at::Tensor& output,
                     const at::Tensor& output_gradient, at::Tensor& input_gradient, Path path) const {
  mean_.backward(means(parameters), input, output, output_gradient, input_gradient, path);
  if (!is_on(parameters)) return;
  at::Tensor deviation;
  deviation_.backward(deviations(parameters), input, output, output_gradient.mul(of_outputs(parameters)),
                      deviation, path);
  input_gradient.addcmul_(deviation, of_inputs(parameters));
}

void Noisy::traces(const Views& parameters, const at::Tensor& input, const at::Tensor& output_gradient,
                   const Leave& leave) const {
  const std::vector<Use> all = uses();
  leave(all[0], input, output_gradient);
  if (is_on(parameters))
    leave(all[1], input.mul(of_inputs(parameters)), output_gradient.mul(of_outputs(parameters)));
  else
    leave(all[1], at::zeros_like(input), at::zeros_like(output_gradient));
}

}  // namespace crosstalk::nn
