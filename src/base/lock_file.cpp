#include "base/lock_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace crosstalk {

std::string host() {
  char name[256] = {};
  ::gethostname(name, sizeof name - 1);
  return name;
}

std::string holder(int descriptor) {
  char text[300] = {};
  const ssize_t length = ::pread(descriptor, text, sizeof text - 1, 0);
  return length > 0 ? std::string(text, static_cast<std::size_t>(length)) : "";
}

std::string host_of(const std::string& holder) {
  const std::size_t space = holder.find(' ');
  return space == std::string::npos ? "" : holder.substr(space + 1);
}

std::string in_words(const std::string& holder) {
  const std::size_t space = holder.find(' ');
  if (space == std::string::npos) return "another process";
  return "process " + holder.substr(0, space) + " on " + holder.substr(space + 1);
}

std::optional<std::string> perhaps_at_work_elsewhere(const std::filesystem::path& folder) {
  const int descriptor = ::open((folder / lock_file).c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return std::nullopt;
  const std::string who = holder(descriptor), whose = host_of(who);
  const bool elsewhere = !whose.empty() && whose != host();
  const bool is_free = elsewhere && ::flock(descriptor, LOCK_SH | LOCK_NB) == 0;
  ::close(descriptor);
  return is_free ? std::optional(in_words(who)) : std::nullopt;
}

}  // namespace crosstalk
