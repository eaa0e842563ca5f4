#pragma once

#include <memory>

#include "learn/optimizer.hpp"
#include "learn/state.hpp"
#include "nn/network.hpp"

namespace crosstalk::learn {

/// The half of an update that does not depend on what is learned: from the loss's gradient at the outputs to
/// a step of theta. On the CPU linear layers and activations allocate nothing after the first step of a batch
/// size; convolutions do, and so does a layer norm's part of the gradient.
class Descent {
 public:
  Descent(const nn::Network& network, const nn::Parameters& parameters, std::unique_ptr<Optimizer> optimizer);

  /// The outputs (N, p), to be read before the next call.
  const at::Tensor& forward(const at::Tensor& inputs);
  /// cotangent (N, p): gradient of the batch's loss at those outputs.
  void step(const at::Tensor& cotangent);

  void save(State& state) const;  // theta and the optimiser's state
  void load(const State& state);  // Error(data) when something is missing or of another size

 private:
  const nn::Network& network_;
  const nn::Parameters& parameters_;
  std::unique_ptr<Optimizer> optimizer_;
  nn::Tape tape_;
  nn::Gradients gradients_;
  at::Tensor gradient_;
};

}  // namespace crosstalk::learn
