#pragma once

#include <filesystem>

namespace crosstalk {

/// A folder of our own below the one for temporary files ($TMPDIR, or /tmp), open to nobody else; gone with
/// the object, and after a kill with the next one that is made there: it is locked while its process lives.
class TemporaryFolder {
 public:
  /// Error(environment) where none can be made.
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  int lock_ = -1;
};

}  // namespace crosstalk
