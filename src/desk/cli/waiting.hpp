#pragma once

#include <functional>

namespace crosstalk::cli {

/// While it lives, a command that waits for another program to let go of a results file says so after some
/// seconds, and goes on waiting as long as `goes_on` allows.
class Waiting {
 public:
  explicit Waiting(std::function<bool()> goes_on = [] { return true; });
  ~Waiting();
  Waiting(const Waiting&) = delete;
};

}  // namespace crosstalk::cli
