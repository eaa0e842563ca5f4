#include "run/model.hpp"

#include "base/error.hpp"
#include "base/network_shape.hpp"
#include "nn/build.hpp"
#include "nn/initialise.hpp"
#include "tensor/device.hpp"

namespace crosstalk::run {

std::unique_ptr<Model> make_model(const Configuration& configuration, std::uint64_t seed,
                                  const nn::Shape& input, std::int64_t outputs) {
  const at::Device device = tensor::device(configuration.runtime.device);
  const at::ScalarType type = tensor::precision(configuration.runtime.precision);
  const auto& shape = configuration.network;
  const NetworkShape asked{input, outputs, shape.hidden, shape.depth, shape.head, shape.layers};
  if (const std::string why = unfit_for_network("the data set", asked); !why.empty())
    throw Error(ErrorKind::config, why);
  nn::Network network = nn::build(input, outputs, asked.lines());
  tensor::Stream beginning(seed, "initialisation");
  at::Tensor theta =
      nn::initial_theta(network, nn::initialisation(shape.initialisation), beginning, type, device);
  nn::Parameters parameters(network, std::move(theta));
  return std::make_unique<Model>(Model{device, type, std::move(network), std::move(parameters)});
}

}  // namespace crosstalk::run
