#pragma once

#include <ATen/core/Tensor.h>

#include <span>
#include <vector>

#include "replay/transition.hpp"

namespace crosstalk::replay {

/// What the windowed task has: transitions from a file that name something else are refused.
struct Limits {
  std::int64_t images, classes;
};

/// (N, 24) bytes, a copy: transitions as a checkpoint holds them.
at::Tensor to_bytes(std::span<const Transition> transitions);

/// The transitions that `bytes` holds. Error(data), naming `what` ("the replay"), where they are not (N, 24)
/// bytes or one is of an image, a class or a place that is not there.
std::vector<Transition> from_bytes(const at::Tensor& bytes, const Limits& limits, const char* what);

}  // namespace crosstalk::replay
