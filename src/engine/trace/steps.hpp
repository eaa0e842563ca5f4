#pragma once

#include <memory>

#include "nn/step.hpp"
#include "trace/trace.hpp"

namespace crosstalk::trace {

/// Directions that theta moves along, as uses of parameters see them (nn/step.hpp).

/// One vector (P) in theta's layout, for all samples: K = 1.
std::unique_ptr<nn::Step> along(const tensor::Layout& layout, const at::Tensor& vector);

/// The gradients of a trace's samples, every one of them for all samples: K is the trace's samples. In a
/// linear layer a gradient is an outer product d a', so that V x = (a . x) d costs two dot products; of a
/// convolution each sample's weights are formed when they are first asked for. A trace may hold several
/// uses of the same parameters, whose sum is meant.
std::unique_ptr<nn::Step> along_each(const Trace& rows);

/// The same, sample n along row n alone: K = 1.
std::unique_ptr<nn::Step> along_own(const Trace& rows);

}  // namespace crosstalk::trace
