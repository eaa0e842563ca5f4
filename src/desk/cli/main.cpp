#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <new>

#include "base/error.hpp"
#include "cli/cluster_commands.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/misspelt.hpp"
#include "cli/waiting.hpp"
#include "work/data.hpp"

namespace crosstalk::cli {
namespace {

/// A child's pipe must never become our standard input or output: where one is closed, /dev/null takes its
/// place.
void hold_standard_descriptors() {
  for (int descriptor = 0; descriptor <= 2; ++descriptor) {
    if (::fcntl(descriptor, F_GETFD) != -1) continue;
    if (const int opened = ::open("/dev/null", O_RDWR); opened > 2) ::close(opened);
  }
}

/// Ctrl-C ends a command at once, as it does any program: Python's handler would wait until we return. `run`
/// has its own way (work::Interrupts).
void end_at_interrupts() {
  struct sigaction action{};
  ::sigaction(SIGINT, nullptr, &action);
  if (action.sa_handler != SIG_IGN) ::signal(SIGINT, SIG_DFL);
}

/// What the system says of a path that nothing else has looked at before.
std::string in_words(const std::filesystem::filesystem_error& error) {
  const std::string path = error.path1().string();
  return (path.empty() ? "the working folder" : path) + " cannot be used: " + error.code().message() +
         ". Give another path, or see to the folders on its way.";
}

void add_commands(CLI::App& app, Context& context) {
  app.set_version_flag("--version", std::string("crosstalk ") + CROSSTALK_VERSION);
  app.require_subcommand(0, 1);
  app.get_formatter()->column_width(28);
  app.footer(
      "Examples:\n"
      "  crosstalk run quickstart                  run a study, or resume it\n"
      "  crosstalk report results/quickstart       write its report\n"
      "  crosstalk COMMAND --help                  what a command takes\n");
  add_run_command(app, context);
  add_report_command(app, context);
  add_status_command(app, context);
  add_submit_command(app, context);
  add_merge_command(app, context);
  add_cancel_command(app, context);
  add_task_command(app, context);
  add_export_command(app, context);
  add_verify_command(app, context);
  add_study_command(app, context);
  add_data_command(app, context);
  add_trajectories_command(app, context);
  add_doctor_command(app, context);
  add_completion_command(app, context);
}

/// What is wrong with the command line, and where it is said what is right.
Error refusal(const CLI::App& app, const CLI::ParseError& error) {
  std::string path = app.get_name();
  for (const CLI::App* at = &app; !at->get_subcommands().empty();) {
    at = at->get_subcommands().front();
    path += ' ' + at->get_name();
  }
  const auto code = static_cast<CLI::ExitCodes>(error.get_exit_code());
  const bool may_be_misspelt = code == CLI::ExitCodes::ExtrasError || code == CLI::ExitCodes::RequiredError;
  std::string what = may_be_misspelt ? misspelt(app) : "";
  if (what.empty()) what = shortened(printable(error.what()), 300);
  return {ErrorKind::config, what + "\n`" + path + " --help` says what can be given."};
}

int run(std::vector<std::string> arguments, Context& context) {
  for (const std::string& argument : arguments) {
    if (!is_utf8(argument)) throw work::not_text(argument);
  }
  CLI::App app(
      "Measures how one update of a neural network changes its predictions elsewhere, and how well it "
      "generalises.",
      "crosstalk");
  add_commands(app, context);
  try {
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 takes them
    app.parse(arguments);
    if (app.get_subcommands().empty()) print(app.help());
  } catch (const CLI::CallForVersion&) {
    print(app.version() + '\n');
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) throw refusal(app, error);
    print(app.help());  // of the subcommand that was chosen
  }
  std::cout.flush();
  return context.status;
}

}  // namespace

std::vector<std::string> python_module(const Context& context, std::string_view module,
                                       const std::vector<std::string>& arguments) {
  // -P: a file of the user's named as a module of Python's must not come first. -X utf8: what we say is
  // UTF-8, and so are names of files for us, in whatever language the system is set to.
  std::vector<std::string> all{context.python, "-P", "-X", "utf8", "-m", std::string(module)};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return all;
}

int main(const std::vector<std::string>& arguments, Context context) {
  hold_standard_descriptors();
  ::signal(SIGPIPE, SIG_IGN);
  end_at_interrupts();
  const Waiting waiting;
  try {
    return run(arguments, context);
  } catch (const ClosedOutput&) {
    return 0;  // the reader has had enough
  } catch (const work::Interrupted& interrupted) {
    complain("stopped");
    return 128 + interrupted.signal;
  } catch (const Error& error) {
    complain(error.what());
    return error.exit_code();
  } catch (const std::filesystem::filesystem_error& error) {
    complain(in_words(error));
    return 5;
  } catch (const std::bad_alloc&) {
    complain("there is not enough memory. End other programs, or take a smaller study (--scale).");
    return 4;
  } catch (const std::exception& error) {
    complain(std::string("a fault of the program itself: ") + error.what());
    return 1;
  }
}

}  // namespace crosstalk::cli
