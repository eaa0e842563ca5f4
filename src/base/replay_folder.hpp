#pragma once

#include <filesystem>

namespace crosstalk {

/// Where a run keeps the observations that its checkpoint names but does not hold: beside it. An empty path
/// of an empty one.
inline std::filesystem::path replay_folder(const std::filesystem::path& checkpoint) {
  return checkpoint.empty() ? checkpoint : std::filesystem::path(checkpoint.string() + ".replay");
}

/// Where the lives of agents lie that several runs of a study learn from: beside their checkpoints.
inline std::filesystem::path lives_folder(const std::filesystem::path& checkpoint) {
  return checkpoint.empty() ? checkpoint : checkpoint.parent_path() / "lives";
}

}  // namespace crosstalk
