#include "nn/cost.hpp"

namespace crosstalk::nn {

std::int64_t multiply_adds(const Network& network) {
  std::int64_t sum = 0;
  for (const auto& layer : network.layers()) sum += layer->multiply_adds();
  return sum;
}

Json described(const Network& network) {
  return {{"parameters", network.layout().size()}, {"multiply_adds", multiply_adds(network)}};
}

}  // namespace crosstalk::nn
