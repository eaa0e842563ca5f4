#include "run/stop.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "base/error.hpp"

namespace crosstalk::run {
namespace {

// A handler can reach nothing but these.
volatile sig_atomic_t terminated = 0;
int ends[2] = {-1, -1};
struct sigaction former_terminate, former_pipe;

void note(int) {
  const int kept = errno;
  terminated = 1;
  [[maybe_unused]] const ssize_t ignored = ::write(ends[1], "x", 1);
  errno = kept;
}

/// A copy of the process, which an environment of the user's forked, is no worker: SIGTERM ends it, as
/// whoever forked it expects.
void in_copy() {
  if (ends[1] >= 0) ::sigaction(SIGTERM, &former_terminate, nullptr);
}

}  // namespace

StopSignal::StopSignal() {
  [[maybe_unused]] static const int once = ::pthread_atfork(nullptr, nullptr, in_copy);
  terminated = 0;
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
    throw Error(ErrorKind::environment,
                std::string("the worker cannot make a pipe: ") + std::strerror(errno));
  }
  struct sigaction action{};
  action.sa_handler = note;
  ::sigaction(SIGTERM, &action, &former_terminate);
  action.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &action, &former_pipe);
}

StopSignal::~StopSignal() {
  ::sigaction(SIGTERM, &former_terminate, nullptr);
  ::sigaction(SIGPIPE, &former_pipe, nullptr);
  for (int& end : ends) {
    ::close(end);
    end = -1;
  }
}

bool StopSignal::came() const { return terminated != 0; }
int StopSignal::descriptor() const { return ends[0]; }

}  // namespace crosstalk::run
