#include "run/line.hpp"

#include <poll.h>

#include <cerrno>
#include <cstdio>

namespace crosstalk::run {

void Line::end_copy() const {
  if (::getpid() == owner_) return;
  std::fputs("crosstalk: an environment forked this worker; the copy ends where it would speak for it\n",
             stderr);
  ::_exit(1);
}

void Line::send(const Json& message) {
  end_copy();
  try {
    write_frame(out_, message);
  } catch (const Unwritable&) {
    throw LineClosed();
  }
}

std::optional<Json> Line::receive() {
  end_copy();
  return read_frame(in_);
}

bool Line::has_message() const {
  pollfd descriptor{in_, POLLIN, 0};
  return ::poll(&descriptor, 1, 0) > 0;
}

bool Line::wait(int interrupt) const {
  for (;;) {
    pollfd descriptors[2] = {{interrupt, POLLIN, 0}, {in_, POLLIN, 0}};
    if (::poll(descriptors, 2, -1) < 0 && errno == EINTR) continue;
    return descriptors[0].revents == 0;
  }
}

}  // namespace crosstalk::run
