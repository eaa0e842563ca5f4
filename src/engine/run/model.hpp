#pragma once

#include <memory>

#include "base/settings.hpp"
#include "learn/td_error.hpp"
#include "nn/build.hpp"

namespace crosstalk::run {

/// A network with its theta, where they live and in which precision.
struct Model {
  at::Device device;
  at::ScalarType type;
  nn::Network network;
  nn::Parameters parameters;
};

/// runtime.device and runtime.precision.
at::Device device_of(const Settings& settings);
at::ScalarType type_of(const Settings& settings);

/// What a network gives for these values.
inline nn::Outputs outputs_of(const learn::Values& values) {
  const std::int64_t of_each = values.atoms ? values.atoms->count : 1;
  return {values.count() * of_each, of_each};
}

/// network.* and runtime.* for inputs of this shape and these outputs; theta drawn from the stream
/// "initialisation" of the seed.
std::unique_ptr<Model> make_model(const Settings& settings, std::uint64_t seed, const nn::Shape& input,
                                  const nn::Outputs& outputs);

/// What learner.approximation says: such a network, or f = W x without a bias from a given start: W (outputs,
/// d), or zeros where it is undefined. With one-hot inputs that is a table.
std::unique_ptr<Model> approximation_of_values(const Settings& settings, std::uint64_t seed,
                                               const nn::Shape& input, const nn::Outputs& outputs,
                                               const at::Tensor& start = {});

}  // namespace crosstalk::run
