#pragma once

#include <cstddef>
#include <filesystem>

namespace crosstalk::replay {

/// A file of a fixed size, mapped to be read and written: its pages are the file's, which the system may
/// write out and drop, and not the process's own. What a killed process has written stays; what a machine
/// that fails has written, from sync() on.
class MappedFile {
 public:
  /// Made anew over whatever is there, all its room taken on the disk now, so that no later write can fail
  /// for want of it. Unwritten where there is none.
  static MappedFile make(const std::filesystem::path& path, std::size_t bytes);
  /// One that is there. Error(data) where it is not, or is of another size.
  static MappedFile open(const std::filesystem::path& path, std::size_t bytes);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&&) = delete;
  ~MappedFile();

  const std::filesystem::path& path() const { return path_; }
  std::byte* data() const { return data_; }
  /// Bytes [begin, end) are on the disk once it returns. Unwritten.
  void sync(std::size_t begin, std::size_t end) const;

 private:
  MappedFile(std::filesystem::path path, std::size_t bytes, int file);

  std::filesystem::path path_;
  std::size_t bytes_;
  std::byte* data_ = nullptr;
};

}  // namespace crosstalk::replay
