#include "learn/descent.hpp"

#include <ATen/ops/zeros_like.h>

#include <string>

#include "base/error.hpp"
#include "trace/gradient.hpp"

namespace crosstalk::learn {
namespace {
const std::string optimizer_prefix = "optimizer.";
}

Descent::Descent(const nn::Network& network, const nn::Parameters& parameters,
                 std::unique_ptr<Optimizer> optimizer)
    : network_(network),
      parameters_(parameters),
      optimizer_(std::move(optimizer)),
      gradient_(at::zeros_like(parameters.theta())) {}

const at::Tensor& Descent::forward(const at::Tensor& inputs) {
  network_.forward(parameters_, inputs, tape_);
  return tape_.output();
}

void Descent::step(const at::Tensor& cotangent) {
  network_.backward(parameters_, tape_, cotangent, gradients_);
  trace::gradient_into(network_, tape_, gradients_, gradient_);
  optimizer_->step(parameters_.theta(), gradient_);
}

void Descent::save(State& state) const {
  state.tensors["theta"] = parameters_.theta();
  for (const auto& [name, tensor] : optimizer_->save()) state.tensors[optimizer_prefix + name] = tensor;
}

void Descent::load(const State& state) {
  const at::Tensor& theta = parameters_.theta();
  const auto found = state.tensors.find("theta");
  if (found == state.tensors.end() || found->second.sizes() != theta.sizes() ||
      found->second.scalar_type() != theta.scalar_type()) {
    throw Error(ErrorKind::data, "the checkpoint holds no theta of " + std::to_string(theta.numel()) +
                                     " numbers in this precision: it is another network's");
  }
  theta.copy_(found->second);
  Optimizer::State inner;
  for (const auto& [name, tensor] : state.tensors) {
    if (name.starts_with(optimizer_prefix)) inner[name.substr(optimizer_prefix.size())] = tensor;
  }
  optimizer_->load(inner);
}

}  // namespace crosstalk::learn
