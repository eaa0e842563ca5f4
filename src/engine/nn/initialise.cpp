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

/// Fills segments of theta, which is in double on the CPU.
class Filling {
 public:
  Filling(const tensor::Layout& layout, double* theta, Initialisation how, tensor::Stream& stream)
      : layout_(layout), theta_(theta), how_(how), stream_(stream) {}

  void operator()(const LinearUse& use) { weights(use.weight, use.bias, how_ != Initialisation::pytorch); }
  void operator()(const ConvolutionUse& use) {
    weights(use.weight, use.bias, how_ == Initialisation::glorot);
  }
  void operator()(const ScaleUse& use) {
    constant(use.gain, 1);
    if (use.shift) constant(*use.shift, 0);
  }

 private:
  void weights(std::size_t weight, std::optional<std::size_t> bias, bool is_glorot) {
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

  void uniform(std::size_t segment, double bound) {
    const tensor::Segment& piece = layout_.segments()[segment];
    for (std::int64_t i = 0; i < piece.size(); ++i) theta_[piece.offset + i] = stream_.uniform(-bound, bound);
  }

  void constant(std::size_t segment, double value) {
    const tensor::Segment& piece = layout_.segments()[segment];
    std::fill_n(theta_ + piece.offset, piece.size(), value);
  }

  const tensor::Layout& layout_;
  double* theta_;
  Initialisation how_;
  tensor::Stream& stream_;
};

}  // namespace

at::Tensor initial_theta(const Network& network, Initialisation how, tensor::Stream& stream,
                         at::ScalarType type, at::Device device) {
  at::Tensor theta = at::empty({network.layout().size()}, at::kDouble);
  Filling fill(network.layout(), theta.mutable_data_ptr<double>(), how, stream);
  for (const auto& layer : network.layers()) {
    if (const auto use = layer->use()) std::visit(fill, *use);
  }
  return theta.to(device, type);
}

}  // namespace crosstalk::nn
