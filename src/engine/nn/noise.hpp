#pragma once

#include <cstdint>
#include <string_view>

#include "nn/network.hpp"

namespace crosstalk::nn {

/// The noise under which noisy layers learn and act (nn/noisy.hpp): no parameter, but an argument beside
/// theta, that stays the same until it is drawn anew, from a stream of a run's seed. A draw is of all layers'
/// noise, number by number in the layout's order:
///     f(e) = sign(e) sqrt|e|,   e standard normal
/// A checkpoint holds the stream's position alone, where noise is drawn before each use.
class Noise {
 public:
  /// Over theta of `plain`, whose memory is shared; at first the noise is 0.
  Noise(const Network& network, const Parameters& plain, std::uint64_t seed, std::string_view stream);

  /// theta under the noise drawn last; of a network without noisy layers theta as it stands.
  const Parameters& parameters() const { return parameters_; }
  /// Nothing where no layer is noisy.
  void draw();

  tensor::Stream::Position position() const { return stream_.position(); }
  void seek(tensor::Stream::Position position) { stream_.seek(position); }

 private:
  at::Tensor noise_, drawn_;  // (E): of theta's type and device; in double on the CPU
  Parameters parameters_;
  tensor::Stream stream_;
};

}  // namespace crosstalk::nn
