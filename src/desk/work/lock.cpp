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

/// "PID HOST" as the holder wrote it.
std::string holder(int descriptor) {
  char text[300] = {};
  const ssize_t length = ::pread(descriptor, text, sizeof text - 1, 0);
  return length > 0 ? std::string(text, static_cast<std::size_t>(length)) : "";
}

std::string in_words(const std::string& who) {
  const std::size_t space = who.find(' ');
  if (space == std::string::npos) return "another process";
  return "process " + who.substr(0, space) + " on " + who.substr(space + 1);
}

bool is_gone(const std::string& who) {
  const std::size_t space = who.find(' ');
  if (space == std::string::npos || who.substr(space + 1) != host()) return false;
  const int pid = std::atoi(who.c_str());
  return pid > 0 && ::kill(pid, 0) != 0 && errno == ESRCH;
}

}  // namespace

std::string host() {
  char name[256] = {};
  ::gethostname(name, sizeof name - 1);
  return name;
}

FolderLock::FolderLock(const std::filesystem::path& folder, const std::string& look) {
  const std::filesystem::path file = folder / ".lock";
  // Without O_CLOEXEC: the workers hold it too. A link is not followed, for what it leads to is written over.
  descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW, 0644);
  if (descriptor_ < 0 && errno == ELOOP)
    throw Error(ErrorKind::store, file.string() +
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
      throw Error(ErrorKind::store, file.string() + " cannot be locked: " + std::strerror(code) +
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
  const std::string who = std::to_string(::getpid()) + ' ' + host();
  if (::ftruncate(descriptor_, 0) != 0 || ::pwrite(descriptor_, who.data(), who.size(), 0) < 0) {
    // Only the message to the next one suffers.
  }
}

FolderLock::~FolderLock() {
  ::flock(descriptor_, LOCK_UN);
  ::close(descriptor_);
}

std::optional<std::string> at_work(const std::filesystem::path& folder) {
  const int descriptor = ::open((folder / ".lock").c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return std::nullopt;
  std::optional<std::string> who;
  if (::flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK) who = in_words(holder(descriptor));
  ::close(descriptor);
  return who;
}

}  // namespace crosstalk::work
