#pragma once

#include <filesystem>

#include "base/json.hpp"
#include "tensor/safetensors.hpp"
#include "tensor/state.hpp"

namespace crosstalk::run {

/// A state in a safetensors file, and what is said of it. Written under another name and renamed, so that it
/// is whole or not there.
struct StateFile {
  Json about;  // an object: "what" and more, which the writer gave
  tensor::State state;

  /// Error(store) on a full disk.
  static void write(const std::filesystem::path& path, const tensor::State& state, Json about);
  /// tensor::FileError where the file is cut or damaged, or is not `what`.
  static StateFile read(const tensor::SafetensorsFile& file, const std::string& what);
};

}  // namespace crosstalk::run
