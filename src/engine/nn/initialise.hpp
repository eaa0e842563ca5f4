#pragma once

#include "base/vocabulary.hpp"
#include "nn/network.hpp"
#include "tensor/random.hpp"

namespace crosstalk::nn {

/// Fills segments of a new theta, in the order in which they are asked for.
class Beginning {
 public:
  /// theta (P) in double on the CPU.
  Beginning(const tensor::Layout& layout, double* theta, Initialisation how, tensor::Stream& stream)
      : layout_(layout), theta_(theta), how_(how), stream_(stream) {}

  /// The parameters of a use as network.initialisation says; layer norm's gain 1 and shift 0.
  void as_said(const Use& use);
  void uniform(std::size_t segment, double bound);  // [-bound, bound)
  void constant(std::size_t segment, double value);

 private:
  void weights(std::size_t weight, std::optional<std::size_t> bias, bool is_glorot);

  const tensor::Layout& layout_;
  double* theta_;
  Initialisation how_;
  tensor::Stream& stream_;
};

/// A new theta (P), drawn in double, segment by segment in the layout's order, then rounded to `type`: single
/// and double precision begin at the same place. Layer norm begins with gain 1 and shift 0.
at::Tensor initial_theta(const Network& network, Initialisation how, tensor::Stream& stream,
                         at::ScalarType type, at::Device device = at::kCPU);

}  // namespace crosstalk::nn
