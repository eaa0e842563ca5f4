#pragma once

#include <array>
#include <thread>

namespace crosstalk::run {

/// While it lives, this process ends as soon as nobody reads what is written to `out` any more: a coordinator
/// that is gone, however it ended, leaves no worker behind. A worker that looks at its line between steps
/// ends by itself; one whose step never returns (`while True: pass` in an environment of the user's) never
/// looks, and holds Python's lock. So a thread of its own looks, which needs no lock. Signals go to the other
/// threads.
class EndsLeftAlone {
 public:
  explicit EndsLeftAlone(int out);
  ~EndsLeftAlone();
  EndsLeftAlone(const EndsLeftAlone&) = delete;

 private:
  std::array<int, 2> ends_{-1, -1};  // a pipe that wakes the thread
  std::thread looks_;
};

/// While it lives, EndsLeftAlone waits: what is being written is worth ending.
class NotYet {
 public:
  NotYet();
  ~NotYet();
  NotYet(const NotYet&) = delete;
};

}  // namespace crosstalk::run
