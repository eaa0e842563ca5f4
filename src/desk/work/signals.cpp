#include "work/signals.hpp"

#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>

#include "base/error.hpp"

namespace crosstalk::work {
namespace {

// A signal handler takes no argument, so what it touches cannot belong to an object.
constexpr std::array numbers{SIGINT, SIGTERM, SIGHUP, SIGUSR1};
std::atomic<int> came{0};
std::atomic<int> last{0};
std::atomic<long> last_at{0};
std::array<int, 2> ends{-1, -1};
std::array<struct sigaction, numbers.size()> before;

static_assert(std::atomic<int>::is_always_lock_free);

long milliseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);  // which a handler may call
  return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
}

void note(int number) {
  const int saved = errno;
  const long now = milliseconds();
  const bool again = number == last && now - last_at < 100;
  const bool is_same_stop = last == SIGUSR1 && number == SIGTERM;
  if (came > 0 && (again || is_same_stop || number == SIGHUP)) return;
  last = number;
  last_at = now;
  ++came;
  [[maybe_unused]] const ssize_t written = ::write(ends[1], "", 1);
  errno = saved;
}

}  // namespace

Interrupts::Interrupts() {
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
    throw Error(ErrorKind::environment,
                "no pipe can be made for signals: the limit of open files is reached");
  }
  came = last = 0;
  struct sigaction action{};
  action.sa_handler = note;
  sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    ::sigaction(numbers[i], nullptr, &before[i]);
    const bool ignored = before[i].sa_handler == SIG_IGN && numbers[i] == SIGHUP;
    if (!ignored) ::sigaction(numbers[i], &action, nullptr);
  }
}

Interrupts::~Interrupts() {
  for (std::size_t i = 0; i < numbers.size(); ++i) ::sigaction(numbers[i], &before[i], nullptr);
  for (int& end : ends) {
    ::close(end);
    end = -1;
  }
}

int Interrupts::count() const { return came; }
int Interrupts::signal() const { return last; }
int Interrupts::descriptor() const { return ends[0]; }

void Interrupts::drain() const {
  char bytes[16];
  while (::read(ends[0], bytes, sizeof bytes) > 0) {
  }
}

}  // namespace crosstalk::work
