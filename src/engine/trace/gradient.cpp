#include "trace/gradient.hpp"

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include "trace/rule.hpp"

namespace crosstalk::trace {
namespace {

/// A layer some of whose parameters a layer before it has written: to these its gradient is added.
void add_further_use(const LayerTrace& layer, const tensor::Layout& layout, const std::vector<bool>& written,
                     const at::Tensor& out) {
  OwnLayout own(layer.use, layout);
  const at::Tensor gradient = at::empty({own.layout.size()}, out.options());
  rule(own.use).gradient(own.use, layer.inputs, layer.output_gradients, own.layout, gradient);
  std::size_t i = 0;  // own segments stand in the same order
  nn::each_segment(layer.use, [&](std::size_t segment) {
    const at::Tensor to = segment_of(out, layout, segment), from = segment_of(gradient, own.layout, i++);
    if (written[segment])
      to.add_(from);
    else
      to.copy_(from);
  });
}

}  // namespace

at::Tensor gradient(const Trace& trace) {
  check(trace);
  const at::TensorOptions options =
      trace.layers.empty() ? at::TensorOptions() : trace.layers.front().output_gradients.options();
  at::Tensor out = at::zeros({trace.layout.size()}, options);
  gradient_into(trace, out);
  return out;
}

void gradient_into(const Trace& trace, const at::Tensor& out) {
  std::vector<bool> written(trace.layout.segments().size(), false);
  for (const LayerTrace& layer : trace.layers) {
    bool again = false;
    nn::each_segment(layer.use, [&](std::size_t segment) { again |= written[segment]; });
    if (again)
      add_further_use(layer, trace.layout, written, out);
    else
      rule(layer.use).gradient(layer.use, layer.inputs, layer.output_gradients, trace.layout, out);
    nn::each_segment(layer.use, [&](std::size_t segment) { written[segment] = true; });
  }
}

void gradient_into(const nn::Network& network, const nn::Parameters& parameters, const nn::Tape& tape,
                   const nn::Gradients& gradients, const at::Tensor& out) {
  if (network.shares_parameters())
    return gradient_into(make_trace(network, parameters, tape, gradients), out);
  const nn::Leave write = [&](const nn::Use& use, const at::Tensor& inputs,
                              const at::Tensor& output_gradients) {
    rule(use).gradient(use, inputs, output_gradients, network.layout(), out);
  };
  const auto layers = network.layers();
  for (std::size_t i = 0; i < layers.size(); ++i)
    layers[i]->traces(parameters.of(i), tape.values[i], gradients[i], write);
}

}  // namespace crosstalk::trace
