#include "base/error.hpp"

#include <array>

namespace crosstalk {
namespace {
constexpr std::array<const char*, 5> names = {"config", "data", "environment", "store", "numeric"};
}

std::string to_string(ErrorKind kind) { return names[static_cast<std::size_t>(kind)]; }

ErrorKind error_kind(const std::string& name) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (name == names[i]) return static_cast<ErrorKind>(i);
  }
  throw Error(ErrorKind::config, "'" + name + "' is not a kind of error");
}

}  // namespace crosstalk
