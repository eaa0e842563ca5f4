#pragma once

#include <algorithm>

#include "base/clock.hpp"

namespace crosstalk::work {

/// Counts the time in which this process was awake. A job that was suspended (Ctrl-Z, a batch system's
/// SIGSTOP, a paused virtual machine) finds the clock ahead, by hours: others were not silent for so long,
/// and have not had so long to answer.
class Awake {
 public:
  explicit Awake(double (*clock)() = steady_seconds) : clock_(clock) {}
  /// Seconds since the last call, at most one: who waits for something asks several times a second.
  double pass() {
    const double now = clock_(), passed = now - last_;
    last_ = now;
    return std::clamp(passed, 0.0, 1.0);
  }

 private:
  double (*clock_)();
  double last_ = clock_();
};

}  // namespace crosstalk::work
