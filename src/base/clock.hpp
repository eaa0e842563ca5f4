#pragma once

#include <chrono>

namespace crosstalk {

/// The steady clock, in seconds.
inline double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace crosstalk
