#include "trace/trace.hpp"

namespace crosstalk::trace {

Trace make_trace(const nn::Network& network, const nn::Tape& tape, const nn::Gradients& gradients) {
  Trace trace{tape.input().size(0), network.layout(), {}};
  const auto layers = network.layers();
  for (std::size_t i = 0; i < layers.size(); ++i)
    if (const std::optional<nn::Use> use = layers[i]->use())
      trace.layers.push_back({std::to_string(i) + "." + layers[i]->description(), *use,
                              layers[i]->traced_input(tape.values[i]), gradients[i]});
  return trace;
}

}  // namespace crosstalk::trace
