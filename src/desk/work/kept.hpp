#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace crosstalk::work {

/// A file of what a run's measurements were about (src/engine/run/keeping.hpp).
struct KeptFile {
  std::filesystem::path path;
  std::optional<std::int64_t> step;  // of the measurement; nothing: what stays the same all through the run
  std::uintmax_t bytes = 0;
};

/// Those in a run's folder, what stays the same first, then by step; whatever else lies there is left out.
/// None where there is no such folder; Error(store) where it cannot be read.
std::vector<KeptFile> kept_files(const std::filesystem::path& folder);

/// Removes a run's files of the steps from `step` on, with 0 all of them; Error(store) where one stays.
void forget_kept(const std::filesystem::path& folder, std::int64_t step = 0);

/// What is wrong with a file, as a sentence's end: "is cut short or damaged"; empty: its bytes are those that
/// were written. Reads all of it.
std::string damage_of(const KeptFile& file);

/// Whether two files hold the same bytes.
bool same_bytes(const std::filesystem::path& a, const std::filesystem::path& b);

}  // namespace crosstalk::work
