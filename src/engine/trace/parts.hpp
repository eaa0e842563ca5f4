#pragma once

#include "trace/options.hpp"
#include "trace/trace.hpp"

namespace crosstalk::trace {

/// A layer whose parameters nobody else uses, or one parameter with all its uses. Where several layers use a
/// parameter, its gradient is the sum over the uses, and dots are made of the sums: |g + h|^2, not |g|^2 +
/// |h|^2.
struct Part {
  /// One: a rule takes it as it stands. The uses of a linear weight are one layer, whose positions come one
  /// after another; those of a vector (bias, gain, shift) one gain whose input is 1. Several: uses of a
  /// convolution's weight, or of different kinds, whose rows are summed.
  std::vector<LayerTrace> uses;

  const std::string& name() const { return uses.front().name; }  // "2.linear 5", "0.weight of 0.conv 4 3"
  bool is_one_layer() const { return uses.size() == 1; }
};

/// A trace that check() has passed, taken apart so that no parameter stands in two parts: Gram matrices,
/// cross-Grams and squared norms are sums over them. In the order of the layers that come first; a layer that
/// shares nothing is a part as it stands. Uses of a linear weight are copied side by side, nothing else is.
std::vector<Part> parts(const Trace& trace);

/// (N, M): products of the samples of two parts of one network, as Rule::products.
at::Tensor products(const Part& rows, const Part& columns, const tensor::Layout& layout,
                    const Options& options);

/// (N): squared norms.
at::Tensor squared_norms(const Part& part, const tensor::Layout& layout, const Options& options);

/// (count, K): gradients of samples [first, first + count) by the part's K parameters, in an order that is
/// the same for all samples of a network: enough for dots.
at::Tensor rows(const Part& part, const tensor::Layout& layout, std::int64_t first, std::int64_t count,
                const Options& options);

/// K.
std::int64_t parameters(const Part& part, const tensor::Layout& layout);

}  // namespace crosstalk::trace
