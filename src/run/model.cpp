#include "run/model.hpp"

#include "base/paper_layers.hpp"
#include "nn/build.hpp"
#include "nn/initialise.hpp"
#include "tensor/device.hpp"

namespace crosstalk::run {

std::unique_ptr<Model> make_model(const Configuration& configuration, std::uint64_t seed,
                                  const nn::Shape& input, std::int64_t outputs) {
  const at::Device device = tensor::device(configuration.runtime.device);
  const at::ScalarType type = tensor::precision(configuration.runtime.precision);
  const auto& shape = configuration.network;
  nn::Network network = nn::build(
      input, outputs,
      shape.layers.empty() ? paper_layers(input, shape.hidden, shape.depth, shape.head) : shape.layers);
  tensor::Stream beginning(seed, "initialisation");
  at::Tensor theta =
      nn::initial_theta(network, nn::initialisation(shape.initialisation), beginning, type, device);
  nn::Parameters parameters(network, std::move(theta));
  return std::make_unique<Model>(Model{device, type, std::move(network), std::move(parameters)});
}

}  // namespace crosstalk::run
