#include "trace/trace.hpp"

namespace crosstalk::trace {
namespace {

/// The name of the first parameter of a use.
std::string first_of(const nn::Use& use, const tensor::Layout& layout) {
  std::string name;
  nn::each_segment(use, [&](std::size_t segment) {
    if (name.empty()) name = layout.segments()[segment].name;
  });
  return name;
}

}  // namespace

Trace make_trace(const nn::Network& network, const nn::Parameters& parameters, const nn::Tape& tape,
                 const nn::Gradients& gradients) {
  Trace trace{tape.input().size(0), network.layout(), {}};
  const auto layers = network.layers();
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const std::string name = std::to_string(i) + "." + layers[i]->description();
    const bool has_several = layers[i]->uses().size() > 1;
    layers[i]->traces(
        parameters.of(i), tape.values[i], gradients[i],
        [&](const nn::Use& use, const at::Tensor& inputs, const at::Tensor& output_gradients) {
          trace.layers.push_back({has_several ? name + ", " + first_of(use, trace.layout) : name, use, inputs,
                                  output_gradients});
        });
  }
  return trace;
}

}  // namespace crosstalk::trace
