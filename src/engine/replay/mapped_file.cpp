#include "replay/mapped_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "base/draft.hpp"
#include "base/error.hpp"

namespace crosstalk::replay {
namespace {

/// A descriptor that is closed when it goes.
struct Descriptor {
  int file;
  ~Descriptor() { ::close(file); }
};

}  // namespace

MappedFile::MappedFile(std::filesystem::path path, std::size_t bytes, int file)
    : path_(std::move(path)), bytes_(bytes) {
  void* data = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (data == MAP_FAILED) cannot_write(path_, errno);
  data_ = static_cast<std::byte*>(data);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : path_(std::move(other.path_)), bytes_(other.bytes_), data_(std::exchange(other.data_, nullptr)) {}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(data_, bytes_);
}

MappedFile MappedFile::make(const std::filesystem::path& path, std::size_t bytes) {
  const Descriptor made{::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)};
  if (made.file < 0) cannot_write(path, errno);
  int reason = 0;
  do reason = ::posix_fallocate(made.file, 0, static_cast<off_t>(bytes));
  while (reason == EINTR);
  if (reason == 0) return {path, bytes, made.file};
  ::unlink(path.c_str());
  cannot_write(path, reason);
}

MappedFile MappedFile::open(const std::filesystem::path& path, std::size_t bytes) {
  const Descriptor there{::open(path.c_str(), O_RDWR | O_CLOEXEC)};
  struct stat about{};
  if (there.file < 0 || ::fstat(there.file, &about) != 0)
    throw Error(ErrorKind::data, path.string() + ", which holds what an agent has seen, cannot be read: " +
                                     std::strerror(errno));
  if (!S_ISREG(about.st_mode) || static_cast<std::size_t>(about.st_size) != bytes)
    throw Error(ErrorKind::data, path.string() + ", which holds what an agent has seen, has " +
                                     std::to_string(about.st_size) + " bytes, not " + std::to_string(bytes));
  return {path, bytes, there.file};
}

void MappedFile::sync(std::size_t begin, std::size_t end) const {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  begin -= begin % page;
  if (begin < end && ::msync(data_ + begin, end - begin, MS_SYNC) != 0) cannot_write(path_, errno);
}

}  // namespace crosstalk::replay
