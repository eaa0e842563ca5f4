#include "base/temporary_folder.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <system_error>

#include "base/error.hpp"

namespace crosstalk {
namespace {

constexpr std::string_view prefix = "crosstalk-scratch-";

int open_folder(const std::filesystem::path& path) {
  return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

bool is_still(const std::filesystem::path& path, int descriptor) {
  struct stat named{}, opened{};
  return ::stat(path.c_str(), &named) == 0 && ::fstat(descriptor, &opened) == 0 &&
         named.st_dev == opened.st_dev && named.st_ino == opened.st_ino;
}

/// Folders of ours that nobody holds: their processes were killed.
void remove_abandoned(const std::filesystem::path& parent) {
  std::error_code ignored;
  for (std::filesystem::directory_iterator at(parent, ignored), end; !ignored && at != end;
       at.increment(ignored)) {
    const std::filesystem::path path = at->path();
    if (!path.filename().string().starts_with(prefix)) continue;
    const int descriptor = open_folder(path);
    struct stat about{};
    const bool abandoned = descriptor >= 0 && ::fstat(descriptor, &about) == 0 &&
                           about.st_uid == ::geteuid() && ::flock(descriptor, LOCK_EX | LOCK_NB) == 0;
    std::error_code stays;
    if (abandoned) std::filesystem::remove_all(path, stays);
    if (descriptor >= 0) ::close(descriptor);
  }
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::error_code error;
  const std::filesystem::path parent = std::filesystem::temp_directory_path(error);
  if (!error) remove_abandoned(parent);
  do {
    std::string pattern = (parent / (std::string(prefix) + "XXXXXX")).string();
    if (error || ::mkdtemp(pattern.data()) == nullptr) {
      const char* set = std::getenv("TMPDIR");
      throw Error(ErrorKind::environment,
                  "no folder for temporary files can be made in " +
                      (error ? std::string(set == nullptr ? "/tmp" : set) : parent.string()) +
                      ". Set TMPDIR to a folder that may be written to.");
    }
    path_ = pattern;
    if (lock_ >= 0) ::close(lock_);
    lock_ = open_folder(path_);
    ::flock(lock_, LOCK_EX);  // where a file system has no locks, nobody removes what is there
  } while (lock_ >= 0 &&
           !is_still(path_, lock_));  // another process took it for abandoned before it was held
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
  if (lock_ >= 0) ::close(lock_);
}

}  // namespace crosstalk
