#include "measure/weights.hpp"

#include "measure/stack.hpp"

namespace crosstalk::measure {

Weights weights_of(const learn::Networks& networks) {
  Weights weights{.before = exact(networks.of(learn::Net::online).theta())};
  const nn::Network& network = networks.network();
  const auto& segments = network.layout().segments();
  std::size_t segment = 0;
  std::int64_t first = 0;
  for (std::size_t i = 0; i < network.layers().size(); ++i) {
    const nn::Layer& layer = *network.layers()[i];
    std::int64_t size = 0;
    for (std::size_t left = layer.parameter_count(); left > 0; --left) size += segments[segment++].size();
    const std::string words = layer.description();
    if (size > 0)
      weights.layers.push_back({std::to_string(i) + " " + words.substr(0, words.find(' ')), first, size});
    first += size;
  }
  return weights;
}

}  // namespace crosstalk::measure
