#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>

namespace crosstalk::learn {

/// What a checkpoint holds of a learner: vectors by name, and how far each random stream has come. Tensors
/// are the live ones: write or clone them before the next update.
struct State {
  std::map<std::string, at::Tensor> tensors;
  std::map<std::string, std::uint64_t> positions;
};

}  // namespace crosstalk::learn
