#pragma once

#include <memory>

#include "data/dataset.hpp"
#include "nn/network.hpp"
#include "run/configuration.hpp"

namespace crosstalk::run {

/// A network with its theta, where they live and in which precision.
struct Model {
  at::Device device;
  at::ScalarType type;
  nn::Network network;
  nn::Parameters parameters;
};

/// network.* and runtime.* for inputs of this shape and so many outputs; theta drawn from the stream
/// "initialisation" of the seed.
std::unique_ptr<Model> make_model(const Configuration& configuration, std::uint64_t seed,
                                  const nn::Shape& input, std::int64_t outputs);

}  // namespace crosstalk::run
