#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

/// How a layer uses its parameters, as plain data: all that the contractions of a trace need to know of it.
/// A PyTorch module fills the same structures. Segments are indices into the network's layout.
namespace crosstalk::nn {

/// output = input W' + b, over the last dimension: W (p, d), b (p).
struct LinearUse {
  std::size_t weight;
  std::optional<std::size_t> bias;
};

/// Two-dimensional convolution: W (P, C / groups, kh, kw), b (P).
struct ConvolutionUse {
  std::size_t weight;
  std::optional<std::size_t> bias;
  std::array<std::int64_t, 2> stride, padding, dilation;
  std::int64_t groups;
};

/// output = gain * normalised + shift, over the last `gain.size()` numbers of a sample (layer norm's second
/// half).
struct ScaleUse {
  std::size_t gain;
  std::optional<std::size_t> shift;
};

/// output_t = row number input_t of the weight: W (V, d), for each position t of a sample.
struct EmbeddingUse {
  std::size_t weight;
};

/// A parameter whose per-sample gradients are known: they are the trace.
struct RowsUse {
  std::size_t parameter;
};

using Use = std::variant<LinearUse, ConvolutionUse, ScaleUse, EmbeddingUse, RowsUse>;

/// Calls visit(segment) for each parameter that a use touches: the weight or gain, then the bias or shift. Of
/// a use that is not const the visit may change them.
template <class AnyUse, class Visit>
void each_segment(AnyUse& use, Visit visit) {
  std::visit(
      [&](auto& kind) {
        if constexpr (requires { kind.gain; }) {
          visit(kind.gain);
          if (kind.shift) visit(*kind.shift);
        } else if constexpr (requires { kind.parameter; }) {
          visit(kind.parameter);
        } else {
          visit(kind.weight);
          if constexpr (requires { kind.bias; })
            if (kind.bias) visit(*kind.bias);
        }
      },
      use);
}

}  // namespace crosstalk::nn
