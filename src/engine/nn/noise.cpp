#include "nn/noise.hpp"

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <cmath>

namespace crosstalk::nn {
namespace {

at::Tensor silence(const Network& network, const Parameters& plain) {
  const std::int64_t size = network.noise().size();
  return size == 0 ? at::Tensor() : at::zeros({size}, plain.theta().options());
}

}  // namespace

Noise::Noise(const Network& network, const Parameters& plain, std::uint64_t seed, std::string_view stream)
    : noise_(silence(network, plain)),
      drawn_(at::empty({network.noise().size()}, at::kDouble)),
      parameters_(network, plain.theta(), noise_),
      stream_(seed, stream) {}

void Noise::draw() {
  if (!noise_.defined()) return;
  auto* to = drawn_.mutable_data_ptr<double>();
  for (std::int64_t i = 0; i < drawn_.numel(); ++i) {
    const double e = stream_.normal();
    to[i] = std::copysign(std::sqrt(std::abs(e)), e);
  }
  noise_.copy_(drawn_);
}

}  // namespace crosstalk::nn
