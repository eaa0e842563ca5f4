#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace crosstalk {

/// A file that cannot be written: its Error(store).
struct Unwritten : Error {
  explicit Unwritten(const std::string& message) : Error(ErrorKind::store, message) {}
};

/// Throws it with the system's reason (errno) and the mend.
[[noreturn]] void cannot_write(const std::filesystem::path& path, int reason);

/// A file that is there under its own name only when all of it is on the disk (fsync, rename): whoever looks
/// sees the old one or the whole new one. Unwritten says what went wrong (a full disk); nothing is left
/// behind.
class Draft {
 public:
  explicit Draft(const std::filesystem::path& path);
  ~Draft();
  Draft(const Draft&) = delete;

  void write(std::string_view bytes);
  void name();

 private:
  [[noreturn]] void fail() const;

  std::filesystem::path path_;
  std::string draft_;
  int file_ = -1;
  bool named_ = false;
};

/// The same of all that a file is to hold.
void write_draft(const std::filesystem::path& path, std::string_view bytes);

}  // namespace crosstalk
