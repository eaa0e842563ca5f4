#include "base/draft.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace crosstalk {

Draft::Draft(const std::filesystem::path& path) : path_(path), draft_(path.string() + ".partial") {
  file_ = ::open(draft_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (file_ < 0) fail();
}

Draft::~Draft() {
  if (file_ >= 0) ::close(file_);
  if (!named_) ::unlink(draft_.c_str());
}

void Draft::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail();
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void Draft::name() {
  if (::fsync(file_) != 0) fail();
  const int closed = ::close(std::exchange(file_, -1));
  if (closed != 0 || ::rename(draft_.c_str(), path_.c_str()) != 0) fail();
  named_ = true;
  // The new name itself is on the disk only with its folder; some file systems cannot sync a folder, which
  // loses nothing but the newest checkpoint.
  const std::filesystem::path folder = path_.has_parent_path() ? path_.parent_path() : ".";
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor >= 0) {
    ::fsync(descriptor);
    ::close(descriptor);
  }
}

void write_draft(const std::filesystem::path& path, std::string_view bytes) {
  Draft draft(path);
  draft.write(bytes);
  draft.name();
}

void Draft::fail() const { cannot_write(path_, errno); }

void cannot_write(const std::filesystem::path& path, int reason) {
  const bool is_full = reason == ENOSPC || reason == EDQUOT || reason == EFBIG;
  throw Unwritten(path.string() + " cannot be written: " + std::strerror(reason) +
                  (is_full         ? ". Make room and run the same command again."
                   : reason == EIO ? ". Its disk fails: see to it and run the same command again, or give "
                                     "another --out."
                                   : ". See to the folder's permissions, or give another --out."));
}

}  // namespace crosstalk
