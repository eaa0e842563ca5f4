#pragma once

#include <optional>

#include "base/message.hpp"

namespace crosstalk::run {

/// The other end of the line is gone.
struct LineClosed {};

/// Frames to and from the coordinator.
class Line {
 public:
  Line(int in, int out) : in_(in), out_(out) {}
  void send(const Json& message);  // LineClosed when nobody reads any more
  std::optional<Json> receive();   // waits; nothing at the end
  bool has_message() const;        // a frame has begun, or the end has come
  bool wait(int interrupt) const;  // until has_message(); false when `interrupt` became readable first

 private:
  int in_, out_;
};

}  // namespace crosstalk::run
