#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/lock_file.hpp"

namespace crosstalk::work {

/// One coordinator a results folder: holds DIR/.lock (flock) while it lives. Error(store) names the process
/// that has it. Workers inherit the lock, so that after the coordinator alone was killed the next one waits
/// for its workers' end.
///
/// Some file systems grant a lock that is held already. Where one does so to this process, it is refused.
/// Where it does so only to another machine, each of the two takes the folder for its own: the one that came
/// last writes its name into the file, and the other finds it there (`check`).
class FolderLock {
 public:
  /// `look`: the command that says how far who has it is.
  explicit FolderLock(const std::filesystem::path& folder, const std::string& look = "crosstalk status");
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;

  /// Before each commit. Error(store) names the process that has taken the folder, too.
  void check() const;

 private:
  std::filesystem::path folder_, file_;
  int descriptor_ = -1;
  std::string own_;  // what it wrote into the file: "PID HOST", or nothing where that failed
};

/// Who is working on the folder ("process 123 on host"), if anyone is.
std::optional<std::string> at_work(const std::filesystem::path& folder);

}  // namespace crosstalk::work
