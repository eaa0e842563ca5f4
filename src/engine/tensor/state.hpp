#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>

namespace crosstalk::tensor {

/// What a checkpoint holds: tensors by name, and by name how far each random stream and count has come. Parts
/// of parts stand under "part.name". Tensors are the live ones: write or clone them before the next update.
struct State {
  std::map<std::string, at::Tensor> tensors;
  std::map<std::string, std::uint64_t> positions;

  /// What is there under a name; Error(data) where the checkpoint lacks it.
  const at::Tensor& tensor(const std::string& name) const;
  std::uint64_t position(const std::string& name) const;
  /// The same as a count. Error(data) where it is beyond 2^63.
  std::int64_t count(const std::string& name) const;

  /// A part's state under its name, and back.
  void put(const std::string& name, const State& part);
  State part(const std::string& name) const;
};

/// Copies a saved tensor into one that is there. Error(data) where it is missing or of another size or type.
void load_into(const at::Tensor& there, const State& state, const std::string& name);

/// What any part can do that a checkpoint holds: state = saved(part) and back.
template <class Part>
State saved(const Part& part) {
  State state;
  part.save(state);
  return state;
}

}  // namespace crosstalk::tensor
