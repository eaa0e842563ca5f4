#pragma once

#include <filesystem>

#include "base/json.hpp"
#include "tensor/safetensors.hpp"
#include "tensor/state.hpp"

namespace crosstalk::run {

/// A state in a safetensors file, and what is said of it. Written under another name and renamed, so that it
/// is whole or not there.
struct StateFile {
  /// Of what is saved, in the file and in what lies beside it (base/replay_folder.hpp). It is raised when a
  /// state that was saved before could be loaded and mean something else. Files from before there was a
  /// number have none; they are read where they fit.
  static constexpr std::int64_t format = 1;

  Json about;  // an object: "what" and more, which the writer gave
  tensor::State state;

  /// Error(store) on a full disk.
  static void write(const std::filesystem::path& path, const tensor::State& state, Json about);
  /// tensor::FileError where the file is cut or damaged, or is not `what`. Error(data) for one that a newer
  /// crosstalk wrote: whether that is still needed only the user knows.
  static StateFile read(const tensor::SafetensorsFile& file, const std::string& what);
};

}  // namespace crosstalk::run
