#include "work/lock.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <thread>

#include "base/error.hpp"
#include "base/text.hpp"

namespace crosstalk::work {
namespace {

constexpr int patience_seconds = 30;  // for the workers of a coordinator that was killed
constexpr int notice_seconds = 2;     // for who is at work on another machine to find that we are, too

/// Closes it at the end of the block.
struct Descriptor {
  ~Descriptor() {
    if (file >= 0) ::close(file);
  }
  int file;
};

/// Whether a lock on this file, which the process holds, is granted to another descriptor, too. The second
/// kind of lock is SQLite's; a system that does not know it between two descriptors says nothing of it.
bool is_granted_twice(const std::filesystem::path& file) {
  const Descriptor first{::open(file.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW)},
      second{::open(file.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW)};
  if (first.file < 0 || second.file < 0) return false;
  if (::flock(second.file, LOCK_EX | LOCK_NB) == 0) return true;
  const auto locks = [](int descriptor) {
    struct flock whole{};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    return ::fcntl(descriptor, F_OFD_SETLK, &whole) == 0;
  };
  return locks(first.file) && locks(second.file);
}

bool is_gone(const std::string& who) {
  if (host_of(who).empty() || host_of(who) != host()) return false;
  const int pid = std::atoi(who.c_str());
  return pid > 0 && ::kill(pid, 0) != 0 && errno == ESRCH;
}

}  // namespace

FolderLock::FolderLock(const std::filesystem::path& folder, const std::string& look)
    : folder_(folder), file_(folder / lock_file) {
  // Without O_CLOEXEC: the workers hold it too. A link is not followed, for what it leads to is written over.
  descriptor_ = ::open(file_.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW, 0644);
  if (descriptor_ < 0 && errno == ELOOP)
    throw Error(ErrorKind::store, file_.string() +
                                      " is a link, which crosstalk never makes. Remove it, or give "
                                      "another --out.");
  if (descriptor_ < 0) {
    throw Error(ErrorKind::store, folder.string() + " cannot be written to: " + std::strerror(errno) +
                                      ". Give another --out, or the permission to write there.");
  }
  int tries = 0;
  while (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    const int code = errno;
    const std::string who = holder(descriptor_);
    if (code == EINTR) continue;
    if (code == EWOULDBLOCK && is_gone(who) && tries++ < patience_seconds * 20) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      continue;
    }
    ::close(descriptor_);
    if (code != EWOULDBLOCK) {
      throw Error(ErrorKind::store, file_.string() + " cannot be locked: " + std::strerror(code) +
                                        ". Put the results on a file system that has locks.");
    }
    if (is_gone(who)) {
      throw Error(ErrorKind::store,
                  folder.string() + ": " + in_words(who) +
                      ", which was killed, has left workers behind that do not end. End them "
                      "(`pgrep -f crosstalk._worker` lists them) and run the same command again.");
    }
    throw Error(ErrorKind::store, folder.string() + ": " + in_words(who) +
                                      " is working on it. Wait for its end, or give another --out; `" + look +
                                      " " + shell_word(folder.string()) + "` says how far it is.");
  }
  if (is_granted_twice(file_)) {
    ::close(descriptor_);
    throw Error(ErrorKind::store,
                file_.string() +
                    ": its file system grants a lock that is held already, so that two commands "
                    "could write to " +
                    folder.string() +
                    " at once. Put the results on a file system that has locks (--out, or a copy of the "
                    "folder).");
  }
  const std::string before = holder(descriptor_), who = std::to_string(::getpid()) + ' ' + host();
  const auto length = static_cast<ssize_t>(who.size());
  // Where this fails, only the message to the next one suffers.
  if (::ftruncate(descriptor_, 0) == 0 && ::pwrite(descriptor_, who.data(), who.size(), 0) == length)
    own_ = who;
  // It did not end as it should have, or goes on where this lock does not reach.
  if (const std::string other = host_of(before); !other.empty() && other != host())
    std::this_thread::sleep_for(std::chrono::seconds(notice_seconds));
}

void FolderLock::check() const {
  // Opened anew each time: a file system that is shared over a network then asks for what is there now.
  const Descriptor now{::open(file_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
  const std::string who = now.file < 0 ? "" : holder(now.file);
  if (own_.empty() || who.empty() || who == own_) return;
  throw Error(ErrorKind::store,
              folder_.string() + ": " + in_words(who) +
                  " has begun to work on it as well: its file system's locks do not hold between the two. "
                  "What was stored until now is kept, and nothing more is stored from here. Let one command "
                  "at a time work on it, or put it on a file system that has locks.");
}

FolderLock::~FolderLock() {
  // An empty file: nobody is at work, and nobody was killed. What stays is only a name.
  if (!own_.empty() && holder(descriptor_) == own_) [[maybe_unused]]
    const int ignored = ::ftruncate(descriptor_, 0);
  ::flock(descriptor_, LOCK_UN);
  ::close(descriptor_);
}

std::optional<std::string> at_work(const std::filesystem::path& folder) {
  const Descriptor lock{::open((folder / lock_file).c_str(), O_RDONLY | O_CLOEXEC)};
  if (lock.file < 0) return std::nullopt;
  if (::flock(lock.file, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK) return in_words(holder(lock.file));
  return std::nullopt;
}

}  // namespace crosstalk::work
