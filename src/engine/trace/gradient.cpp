#include "trace/gradient.hpp"

#include <ATen/ops/zeros.h>

#include "trace/rule.hpp"

namespace crosstalk::trace {

at::Tensor gradient(const Trace& trace) {
  check(trace);
  const at::TensorOptions options =
      trace.layers.empty() ? at::TensorOptions() : trace.layers.front().inputs.options();
  at::Tensor out = at::zeros({trace.layout->size()}, options);
  gradient_into(trace, out);
  return out;
}

void gradient_into(const Trace& trace, const at::Tensor& out) {
  for (const LayerTrace& layer : trace.layers)
    rule(layer.use).gradient(layer.use, layer.inputs, layer.output_gradients, *trace.layout, out);
}

void gradient_into(const nn::Network& network, const nn::Tape& tape, const nn::Gradients& gradients,
                   const at::Tensor& out) {
  const auto layers = network.layers();
  for (std::size_t i = 0; i < layers.size(); ++i)
    if (const std::optional<nn::Use> use = layers[i]->use())
      rule(*use).gradient(*use, layers[i]->traced_input(tape.values[i]), gradients[i], network.layout(), out);
}

}  // namespace crosstalk::trace
