#include "run/left_alone.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <mutex>
#include <string>

#include "base/error.hpp"

namespace crosstalk::run {
namespace {

std::mutex writing;  // of the process, as its end is

/// A pipe without a reader is in error, and a socket hung up; both are told unasked. A file never is.
void look(int out, int woken) {
  pollfd descriptors[2] = {{out, 0, 0}, {woken, POLLIN, 0}};
  while (::poll(descriptors, 2, -1) < 0 && errno == EINTR) {
  }
  if (descriptors[1].revents != 0 || descriptors[0].revents == 0) return;
  const std::lock_guard ended(writing);
  ::_exit(0);  // nobody is there to be told
}

}  // namespace

EndsLeftAlone::EndsLeftAlone(int out) {
  if (::pipe2(ends_.data(), O_CLOEXEC) != 0) {
    throw Error(ErrorKind::environment,
                std::string("the worker cannot make a pipe: ") + std::strerror(errno));
  }
  sigset_t all, former;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &former);  // which the thread inherits
  looks_ = std::thread(look, out, ends_[0]);
  ::pthread_sigmask(SIG_SETMASK, &former, nullptr);
}

EndsLeftAlone::~EndsLeftAlone() {
  ::close(ends_[1]);
  looks_.join();
  ::close(ends_[0]);
}

NotYet::NotYet() { writing.lock(); }
NotYet::~NotYet() { writing.unlock(); }

}  // namespace crosstalk::run
