#pragma once

#include <unistd.h>

#include <optional>

#include "base/message.hpp"

namespace crosstalk::run {

/// The other end of the line is gone.
struct LineClosed {};

/// Frames to and from the coordinator. They belong to the process that made it: a copy of it, which an
/// environment of the user's forked and lets go on, ends instead.
class Line {
 public:
  Line(int in, int out) : in_(in), out_(out) {}
  void send(const Json& message);  // LineClosed when nobody reads any more
  std::optional<Json> receive();   // waits; nothing at the end
  bool has_message() const;        // a frame has begun, or the end has come
  bool wait(int interrupt) const;  // until has_message(); false when `interrupt` became readable first

 private:
  void end_copy() const;

  int in_, out_;
  pid_t owner_ = ::getpid();
};

}  // namespace crosstalk::run
