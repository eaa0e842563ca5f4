// The worker as a plain executable, for debuggers and sanitizers: frames on standard input and output.
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <exception>

#include "run/serve.hpp"

int main() {
  ::signal(SIGINT, SIG_IGN);  // Ctrl-C belongs to the coordinator
  // What a library prints must not get between the frames.
  const int out = ::dup(STDOUT_FILENO);
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
  try {
    crosstalk::run::serve(STDIN_FILENO, out);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "crosstalk-worker: %s\n", error.what());
    return 1;
  }
}
