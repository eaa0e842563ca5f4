#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>

namespace crosstalk::learn {

/// What a checkpoint holds of a learner: vectors by name, and by name how far each random stream and count
/// has come. Tensors are the live ones: write or clone them before the next update.
struct State {
  std::map<std::string, at::Tensor> tensors;
  std::map<std::string, std::uint64_t> positions;

  /// What is there under a name; Error(data) where the checkpoint lacks it.
  const at::Tensor& tensor(const std::string& name) const;
  std::uint64_t position(const std::string& name) const;
};

}  // namespace crosstalk::learn
