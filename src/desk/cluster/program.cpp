#include "cluster/program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"

extern char** environ;

namespace crosstalk::cluster {
namespace {

constexpr double patience_seconds = 120;

struct Pipe {
  Pipe() {
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
      throw Error(ErrorKind::environment, std::string("no pipe can be made: ") + std::strerror(errno));
  }
  ~Pipe() {
    close(0);
    close(1);
  }
  Pipe(const Pipe&) = delete;
  void close(std::size_t end) {
    if (ends[end] >= 0) ::close(ends[end]);
    ends[end] = -1;
  }
  std::array<int, 2> ends{-1, -1};
};

bool says_otherwise(std::string_view variable) {
  for (const char* kept : {"SBATCH_ACCOUNT=", "SBATCH_QOS=", "SBATCH_RESERVATION="})
    if (variable.starts_with(kept)) return false;
  for (const char* family : {"SBATCH_", "SQUEUE_", "SINFO_", "SCANCEL_"})
    if (variable.starts_with(family)) return true;
  return false;
}

std::vector<char*> environment() {
  std::vector<char*> variables;
  for (char** variable = environ; *variable != nullptr; ++variable)
    if (!says_otherwise(*variable)) variables.push_back(*variable);
  variables.push_back(nullptr);
  return variables;
}

/// Its standard input empty, its output and errors in our pipes, its signals as they are by default.
int start(pid_t& child, const std::vector<std::string>& arguments, const Pipe& output, const Pipe& errors) {
  std::vector<std::string> texts = arguments;
  std::vector<char*> words;
  for (std::string& text : texts) words.push_back(text.data());
  words.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, output.ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, errors.ends[1], STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t by_default;
  sigemptyset(&by_default);
  sigaddset(&by_default, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &by_default);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  const int code = ::posix_spawnp(&child, words[0], &files, &attributes, words.data(), environment().data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return code;
}

/// Reads both pipes to their end; false where that takes too long.
bool read_all(Pipe& output, Pipe& errors, Ended& ended) {
  const double begun = steady_seconds();
  std::array<pollfd, 2> pipes{{{output.ends[0], POLLIN, 0}, {errors.ends[0], POLLIN, 0}}};
  while (pipes[0].fd >= 0 || pipes[1].fd >= 0) {
    if (steady_seconds() - begun > patience_seconds) return false;
    if (::poll(pipes.data(), pipes.size(), 1000) <= 0) continue;
    for (std::size_t i = 0; i < pipes.size(); ++i) {
      if (pipes[i].fd < 0 || pipes[i].revents == 0) continue;
      std::array<char, 1 << 14> block;
      const ssize_t came = ::read(pipes[i].fd, block.data(), block.size());
      if (came > 0)
        (i == 0 ? ended.output : ended.errors).append(block.data(), static_cast<std::size_t>(came));
      else if (came == 0 || errno != EINTR)
        pipes[i].fd = -1;
    }
  }
  return true;
}

}  // namespace

std::optional<Ended> run_program(const std::vector<std::string>& arguments) {
  Pipe output, errors;
  pid_t child = -1;
  if (const int code = start(child, arguments, output, errors); code != 0) {
    if (code == ENOENT) return std::nullopt;
    throw Error(ErrorKind::environment,
                arguments.front() + " cannot be started: " + std::strerror(code) + ".");
  }
  output.close(1);
  errors.close(1);
  Ended ended;
  const bool answered = read_all(output, errors, ended);
  if (!answered) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!answered)
    throw Error(ErrorKind::environment,
                arguments.front() +
                    " does not answer: it was ended after two minutes. See whether the "
                    "cluster's controller is at work (`scontrol ping`).");
  ended.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ended;
}

}  // namespace crosstalk::cluster
