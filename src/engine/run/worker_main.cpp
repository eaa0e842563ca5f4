// The worker as a plain executable, for debuggers and sanitizers: frames on standard input, and on the
// descriptor that CROSSTALK_REPLIES names or on standard output.
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>

#include "run/left_alone.hpp"
#include "run/serve.hpp"

int main() {
  ::signal(SIGINT, SIG_IGN);  // Ctrl-C belongs to the coordinator
  // What a library prints must not get between the frames.
  const char* replies = std::getenv("CROSSTALK_REPLIES");
  const int out = replies != nullptr ? std::atoi(replies) : ::dup(STDOUT_FILENO);
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
  try {
    const crosstalk::run::EndsLeftAlone ends(out);
    crosstalk::run::serve(STDIN_FILENO, out);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "crosstalk-worker: %s\n", error.what());
    return 1;
  }
}
