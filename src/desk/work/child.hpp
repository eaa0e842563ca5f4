#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace crosstalk::work {

/// What to start, and where its standard error goes: appended to a file, or into a pipe of ours (empty path).
struct Command {
  std::vector<std::string> arguments;              // the program's path first
  std::map<std::string, std::string> environment;  // added to ours
  std::filesystem::path errors;
};

/// A child process with a pipe at its standard input and one for its answers, on a descriptor of their own
/// that CROSSTALK_REPLIES names: what a user's module prints goes where its errors go, and nothing is printed
/// between the answers. Started by posix_spawn, never fork: we may be inside a Python interpreter with
/// threads. It stays in our process group, so that a signal to the group reaches it, but with SIGINT,
/// SIGHUP and SIGUSR1 blocked: at Ctrl-C, when the terminal is closed, and before a batch system's time
/// limit, it is told by us what to do. Ends (SIGKILL)
/// with its owner.
class Child {
 public:
  explicit Child(const Command& command);
  Child(Child&& other) noexcept;
  Child& operator=(Child&& other) noexcept;
  ~Child();

  pid_t pid() const { return pid_; }
  int input() const { return input_; }    // write here
  int output() const { return output_; }  // read its answers here
  int errors() const { return errors_; }  // read here; -1 where it goes to a file
  void close_input();
  void signal(int number) const;

  /// How it ended, in words ("ended with status 1", "was ended by signal 11, Segmentation fault"); nothing
  /// while it lives. Waits for it up to `seconds`.
  std::optional<std::string> ended(double seconds = 0);
  /// The exit status; -1 while it lives or when a signal ended it.
  int status() const;
  /// The signal that ended it, or 0.
  int ended_by() const;

 private:
  void let_go();
  pid_t pid_ = -1;
  int input_ = -1, output_ = -1, errors_ = -1;
  std::optional<int> wait_status_;
};

/// Whether a signal comes from outside (SIGTERM, SIGKILL, ...) and not from a fault of the process itself.
bool is_from_outside(int signal);

/// The last lines of a file from byte `from` on, at most `bytes` of them; empty when there is nothing to
/// read.
std::string tail(const std::filesystem::path& file, std::uintmax_t from, std::size_t bytes);

}  // namespace crosstalk::work
