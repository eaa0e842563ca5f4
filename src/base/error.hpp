#pragma once

#include <stdexcept>
#include <string>

namespace crosstalk {

/// Whose fault it is; the command line turns the kind into an exit code (2 to 6, in this order).
enum class ErrorKind { config, data, environment, store, numeric };

/// The one exception of the library. The message names the thing, the value, the place and the mend,
/// in words for the one who reads it, without the program's name and without a trace.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  ErrorKind kind() const noexcept { return kind_; }
  int exit_code() const noexcept { return 2 + static_cast<int>(kind_); }

 private:
  ErrorKind kind_;
};

/// Names of the kinds, as messages between processes carry them: "config", "data", ...
std::string to_string(ErrorKind kind);
ErrorKind error_kind(const std::string& name);

}  // namespace crosstalk
