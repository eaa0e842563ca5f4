#include "run/model.hpp"

#include <ATen/ATen.h>

#include "base/error.hpp"
#include "base/network_shape.hpp"
#include "nn/initialise.hpp"
#include "nn/linear.hpp"
#include "tensor/device.hpp"

namespace crosstalk::run {

at::Device device_of(const Settings& settings) { return tensor::device(settings.text("runtime.device")); }
at::ScalarType type_of(const Settings& settings) {
  return tensor::precision(settings.text("runtime.precision"));
}

namespace {

std::unique_ptr<Model> linear_model(const Settings& settings, std::int64_t inputs, std::int64_t outputs,
                                    const at::Tensor& start) {
  const at::Device device = device_of(settings);
  const at::ScalarType type = type_of(settings);
  std::vector<std::unique_ptr<nn::Layer>> layers;
  layers.push_back(std::make_unique<nn::Linear>(inputs, outputs, /*bias=*/false));
  nn::Network network({inputs}, std::move(layers));
  at::Tensor theta = at::zeros({inputs * outputs}, at::TensorOptions(type).device(device));
  if (start.defined()) theta.copy_(start.flatten());
  nn::Parameters parameters(network, std::move(theta));
  return std::make_unique<Model>(Model{device, type, std::move(network), std::move(parameters)});
}

}  // namespace

std::unique_ptr<Model> make_model(const Settings& settings, std::uint64_t seed, const nn::Shape& input,
                                  const nn::Outputs& outputs) {
  const at::Device device = device_of(settings);
  const at::ScalarType type = type_of(settings);
  const NetworkShape asked{.input = input,
                           .outputs = outputs.numbers,
                           .hidden = settings.count("network.hidden"),
                           .depth = settings.count("network.depth"),
                           .head = settings.count("network.head"),
                           .layers = settings.texts("network.layers"),
                           .algorithm = settings.text("learner.algorithm")};
  const bool shown =
      settings.is_said("task.trajectories") ||
      (settings.is_said("task.environment") && settings.text("task.environment") != "windowed");
  if (const std::string why = unfit_for_network(shown ? "" : "the data set", asked); !why.empty())
    throw Error(ErrorKind::config, why);
  nn::Network network = nn::build(input, outputs, asked.lines());
  tensor::Stream beginning(seed, "initialisation");
  at::Tensor theta = nn::initial_theta(network, settings.word("network.initialisation", initialisations),
                                       beginning, type, device);
  nn::Parameters parameters(network, std::move(theta));
  return std::make_unique<Model>(Model{device, type, std::move(network), std::move(parameters)});
}

std::unique_ptr<Model> approximation_of_values(const Settings& settings, std::uint64_t seed,
                                               const nn::Shape& input, const nn::Outputs& outputs,
                                               const at::Tensor& start) {
  const bool is_linear = settings.is_said("learner.approximation") &&
                         settings.word("learner.approximation", approximations) != Approximation::network;
  return is_linear ? linear_model(settings, input.front(), outputs.numbers, start)
                   : make_model(settings, seed, input, outputs);
}

}  // namespace crosstalk::run
