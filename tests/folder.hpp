#pragma once

#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>

#include <filesystem>
#include <string>

namespace crosstalk {

/// A scratch folder that goes with its owner.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "crosstalk-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Mounts of this process are its own from here on; 0, or -1 where that is not allowed.
inline int unshare_mounts() {
  if (unshare(CLONE_NEWNS) != 0) return -1;
  return mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
}

}  // namespace crosstalk
