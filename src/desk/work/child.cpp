#include "work/child.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <thread>
#include <utility>

#include "base/error.hpp"
#include "work/awake.hpp"

extern char** environ;

namespace crosstalk::work {
namespace {

[[noreturn]] void fail(const std::string& what, int code) {
  const bool too_many = code == EMFILE || code == ENFILE || code == EAGAIN;
  throw Error(ErrorKind::environment,
              what + ": " + std::strerror(code) +
                  (too_many ? ". Give fewer --jobs, or raise the limit (ulimit)." : ""));
}

struct Pipe {
  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) fail("no pipe can be made for a child process", errno);
    read = ends[0];
    write = ends[1];
  }
  ~Pipe() {
    if (read >= 0) ::close(read);
    if (write >= 0) ::close(write);
  }
  Pipe(const Pipe&) = delete;
  int read = -1, write = -1;
};

/// What the child finds: its pipes; SIGINT, SIGHUP and SIGUSR1 blocked; all other signals as they are by
/// default.
struct Surroundings {
  Surroundings() {
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    sigset_t blocked, by_default;
    sigemptyset(&blocked);
    for (const int number : {SIGINT, SIGHUP, SIGUSR1}) sigaddset(&blocked, number);
    sigemptyset(&by_default);
    for (const int number : {SIGINT, SIGTERM, SIGPIPE, SIGQUIT}) sigaddset(&by_default, number);
    posix_spawnattr_setsigmask(&attributes, &blocked);
    posix_spawnattr_setsigdefault(&attributes, &by_default);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~Surroundings() {
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
  }
  Surroundings(const Surroundings&) = delete;
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
};

/// The file that takes what the child prints.
int open_errors(const std::filesystem::path& file) {
  const int opened = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (opened >= 0) return opened;
  throw Error(ErrorKind::store, file.string() + " cannot be written: " + std::strerror(errno) +
                                    (errno == ENOSPC || errno == EDQUOT
                                         ? ". Make room there, or give another --out."
                                         : ". Give another --out, or the permission to write there."));
}

std::vector<std::string> with(const std::map<std::string, std::string>& added) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (!added.contains(text.substr(0, text.find('=')))) all.push_back(text);
  }
  for (const auto& [name, value] : added) all.push_back(name + '=' + value);
  return all;
}

/// What most often ends a process by this signal, where a person can do something about it.
std::string usual_cause(int signal) {
  if (signal == SIGBUS) return " (a file that it was reading was cut short, or its disk fails)";
  if (signal == SIGKILL)
    return " (by a person, or by the system because memory ran out: that of the machine, or what a batch job "
           "or a "
           "container may have. Then give fewer --jobs, a smaller network, or a smaller learner.batch or "
           "probe.samples)";
  return "";
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

}  // namespace

Child::Child(const Command& command) {
  Pipe input, output, errors;
  if (!command.errors.empty()) {
    ::close(std::exchange(errors.read, -1));
    ::close(std::exchange(errors.write, -1));
    errors.write = open_errors(command.errors);
  }
  Surroundings surroundings;
  posix_spawn_file_actions_adddup2(&surroundings.files, input.read, STDIN_FILENO);
  for (const int taken : {STDOUT_FILENO, STDERR_FILENO}) {
    posix_spawn_file_actions_adddup2(&surroundings.files, errors.write, taken);
  }
  // Onto itself: the child has it under the number that it has here, where it stands in the way of no
  // descriptor that the child inherits (a results folder's lock).
  posix_spawn_file_actions_adddup2(&surroundings.files, output.write, output.write);
  std::map<std::string, std::string> added = command.environment;
  added["CROSSTALK_REPLIES"] = std::to_string(output.write);
  std::vector<std::string> arguments = command.arguments, environment = with(added);
  const int code =
      ::posix_spawnp(&pid_, arguments.at(0).c_str(), &surroundings.files, &surroundings.attributes,
                     pointers(arguments).data(), pointers(environment).data());
  if (code != 0) {
    pid_ = -1;
    fail(arguments.at(0) + " cannot be started", code);
  }
  input_ = std::exchange(input.write, -1);
  output_ = std::exchange(output.read, -1);
  errors_ = std::exchange(errors.read, -1);
}

Child::Child(Child&& other) noexcept { *this = std::move(other); }

Child& Child::operator=(Child&& other) noexcept {
  if (this == &other) return *this;
  let_go();
  pid_ = std::exchange(other.pid_, -1);
  input_ = std::exchange(other.input_, -1);
  output_ = std::exchange(other.output_, -1);
  errors_ = std::exchange(other.errors_, -1);
  wait_status_ = std::exchange(other.wait_status_, std::nullopt);
  return *this;
}

Child::~Child() { let_go(); }

void Child::let_go() {
  if (pid_ > 0 && !ended()) {
    signal(SIGKILL);
    ended(10);
  }
  pid_ = -1;
  for (int* descriptor : {&input_, &output_, &errors_}) {
    if (*descriptor >= 0) ::close(std::exchange(*descriptor, -1));
  }
}

void Child::close_input() {
  if (input_ >= 0) ::close(std::exchange(input_, -1));
}

void Child::signal(int number) const {
  if (pid_ > 0 && !wait_status_) ::kill(pid_, number);
}

std::optional<std::string> Child::ended(double seconds) {
  Awake awake;
  double waited = 0;
  while (!wait_status_) {
    int status = 0;
    const pid_t got = ::waitpid(pid_, &status, WNOHANG);
    if (got == pid_ || (got < 0 && errno != EINTR)) {
      wait_status_ = got == pid_ ? status : 0;  // someone else has waited for it: how it ended is lost
    } else if (waited += awake.pass(); waited >= seconds) {
      return std::nullopt;
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }
  if (WIFSIGNALED(*wait_status_)) {
    const int number = WTERMSIG(*wait_status_);
    return "was ended by signal " + std::to_string(number) + ", " + ::strsignal(number) + usual_cause(number);
  }
  return "ended with status " + std::to_string(WEXITSTATUS(*wait_status_));
}

int Child::status() const {
  return wait_status_ && WIFEXITED(*wait_status_) ? WEXITSTATUS(*wait_status_) : -1;
}

int Child::ended_by() const {
  return wait_status_ && WIFSIGNALED(*wait_status_) ? WTERMSIG(*wait_status_) : 0;
}

bool is_from_outside(int signal) {
  constexpr std::array outside{SIGTERM, SIGKILL, SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGXCPU};
  return std::find(outside.begin(), outside.end(), signal) != outside.end();
}

std::string tail(const std::filesystem::path& file, std::uintmax_t from, std::size_t bytes) {
  std::error_code missing;
  const std::uintmax_t size = std::filesystem::file_size(file, missing);
  if (missing || size <= from) return "";
  std::ifstream stream(file, std::ios::binary);
  stream.seekg(static_cast<std::streamoff>(std::max<std::uintmax_t>(from, size > bytes ? size - bytes : 0)));
  std::string text(std::istreambuf_iterator<char>(stream), {});
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  const auto letter = std::find_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; });
  if (size > bytes) text.erase(text.begin(), letter);  // not from the middle of one
  return text;
}

}  // namespace crosstalk::work
