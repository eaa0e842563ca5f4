#include "nn/initialise.hpp"

#include <ATen/ops/empty.h>

#include <cmath>

namespace crosstalk::nn {
namespace {

struct Fans {
  double in, out;
};

Fans fans(const std::vector<std::int64_t>& weight) {
  double window = 1;
  for (std::size_t i = 2; i < weight.size(); ++i) window *= static_cast<double>(weight[i]);
  return {static_cast<double>(weight[1]) * window, static_cast<double>(weight[0]) * window};
}

}  // namespace

void Beginning::as_said(const Use& use) {
  if (const auto* linear = std::get_if<LinearUse>(&use)) {
    weights(linear->weight, linear->bias, how_ != Initialisation::pytorch);
  } else if (const auto* convolution = std::get_if<ConvolutionUse>(&use)) {
    weights(convolution->weight, convolution->bias, how_ == Initialisation::glorot);
  } else {
    const auto& scale = std::get<ScaleUse>(use);
    constant(scale.gain, 1);
    if (scale.shift) constant(*scale.shift, 0);
  }
}

void Beginning::weights(std::size_t weight, std::optional<std::size_t> bias, bool is_glorot) {
  const Fans fan = fans(layout_.segments()[weight].shape);
  const double bound = is_glorot ? std::sqrt(6.0 / (fan.in + fan.out)) : 1.0 / std::sqrt(fan.in);
  uniform(weight, bound);
  if (!bias) return;
  if (is_glorot) {
    constant(*bias, 0);
  } else {
    uniform(*bias, bound);
  }
}

void Beginning::uniform(std::size_t segment, double bound) {
  const tensor::Segment& piece = layout_.segments()[segment];
  for (std::int64_t i = 0; i < piece.size(); ++i) theta_[piece.offset + i] = stream_.uniform(-bound, bound);
}

void Beginning::constant(std::size_t segment, double value) {
  const tensor::Segment& piece = layout_.segments()[segment];
  std::fill_n(theta_ + piece.offset, piece.size(), value);
}

void Layer::begin(Beginning& beginning) const {
  for (const Use& use : uses()) beginning.as_said(use);
}

at::Tensor initial_theta(const Network& network, Initialisation how, tensor::Stream& stream,
                         at::ScalarType type, at::Device device) {
  at::Tensor theta = at::empty({network.layout().size()}, at::kDouble);
  Beginning beginning(network.layout(), theta.mutable_data_ptr<double>(), how, stream);
  for (const auto& layer : network.layers()) layer->begin(beginning);
  return theta.to(device, type);
}

}  // namespace crosstalk::nn
