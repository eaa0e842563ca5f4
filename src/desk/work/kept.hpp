#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "store/store.hpp"

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
/// were written, and it is that of its run, the folder's name, and of its step. Reads all of it.
std::string damage_of(const KeptFile& file);

/// The first step at which a run that is over has measured and should have kept that (probe.keep), and of
/// which there is no file; nothing where none is missing. The run's rows are those of the store.
std::optional<std::int64_t> lost_step(const store::Store& store, const store::RunRecord& run,
                                      const std::vector<KeptFile>& files);

/// Whether two files hold the same bytes.
bool same_bytes(const std::filesystem::path& a, const std::filesystem::path& b);

}  // namespace crosstalk::work
