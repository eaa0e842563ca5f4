#pragma once

#include <compare>
#include <cstdint>
#include <filesystem>
#include <optional>

namespace crosstalk::tensor {

/// Which file it is, and when it was last written to or changed: equal as long as its bytes are the same.
struct FileState {
  std::uint64_t device, inode, size;
  std::int64_t written, changed;  // nanoseconds

  auto operator<=>(const FileState&) const = default;
  /// A file just written may change again within one tick of its clock.
  bool settled() const;
  bool same_file(const FileState& other) const { return device == other.device && inode == other.inode; }
};

/// Nothing where there is no file, or none that may be looked at.
std::optional<FileState> state_of(const std::filesystem::path& path);
/// Of an open file.
std::optional<FileState> state_of(int descriptor);

}  // namespace crosstalk::tensor
