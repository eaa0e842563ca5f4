#pragma once

namespace crosstalk::run {

/// While it lives, SIGTERM is noted instead of ending the process, and a closed pipe is an error of write
/// instead of a signal. One object at a time; the former handlers come back with its end.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;

  bool came() const;       // cheap
  int descriptor() const;  // readable once it came, for poll
};

}  // namespace crosstalk::run
