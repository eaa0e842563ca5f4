#pragma once

#include <time.h>

#include <chrono>

namespace crosstalk {

/// The steady clock, in seconds.
inline double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// The same, at most some milliseconds old and several times cheaper: for what is asked at every step.
inline double coarse_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace crosstalk
