#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace crosstalk::work {

/// This computer's name.
std::string host();

/// One coordinator a results folder: holds DIR/.lock (flock) while it lives. Error(store) names the process
/// that has it. Workers inherit the lock, so that after the coordinator alone was killed the next one waits
/// for its workers' end.
class FolderLock {
 public:
  /// `look`: the command that says how far who has it is.
  explicit FolderLock(const std::filesystem::path& folder, const std::string& look = "crosstalk status");
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;

 private:
  int descriptor_ = -1;
};

/// Who is working on the folder ("process 123 on host"), if anyone is.
std::optional<std::string> at_work(const std::filesystem::path& folder);

}  // namespace crosstalk::work
