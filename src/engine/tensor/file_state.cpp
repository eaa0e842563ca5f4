#include "tensor/file_state.hpp"

#include <sys/stat.h>
#include <time.h>

#include <algorithm>

namespace crosstalk::tensor {
namespace {

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

FileState state(const struct stat& file) {
  return {file.st_dev, file.st_ino, static_cast<std::uint64_t>(file.st_size), nanoseconds(file.st_mtim),
          nanoseconds(file.st_ctim)};
}

}  // namespace

bool FileState::settled() const {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return nanoseconds(now) - std::max(written, changed) > 2'000'000'000;
}

std::optional<FileState> state_of(const std::filesystem::path& path) {
  struct stat file{};
  if (::stat(path.c_str(), &file) != 0) return std::nullopt;
  return state(file);
}

std::optional<FileState> state_of(int descriptor) {
  struct stat file{};
  if (::fstat(descriptor, &file) != 0) return std::nullopt;
  return state(file);
}

}  // namespace crosstalk::tensor
