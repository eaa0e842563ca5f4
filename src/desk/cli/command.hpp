#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace crosstalk::cli {

/// Where the command runs, and how it ended.
struct Context {
  std::string python;             // the interpreter that children are started with
  std::filesystem::path package;  // the Python package's folder: assets/, studies/
  int status = 0;                 // the exit code; a callback sets it, an Error decides it otherwise
};

/// Each adds one subcommand, with its options, its examples (`footer`) and its callback; the callback throws
/// Error.
void add_run_command(CLI::App& app, Context& context);
void add_status_command(CLI::App& app, Context& context);
void add_export_command(CLI::App& app, Context& context);
void add_verify_command(CLI::App& app, Context& context);
void add_data_command(CLI::App& app, Context& context);
void add_trajectories_command(CLI::App& app, Context& context);
void add_doctor_command(CLI::App& app, Context& context);
void add_study_command(CLI::App& app, Context& context);
void add_report_command(CLI::App& app, Context& context);
void add_completion_command(CLI::App& app, Context& context);

/// argv of `python -m MODULE ARGUMENTS` in the context's interpreter.
std::vector<std::string> python_module(const Context& context, std::string_view module,
                                       const std::vector<std::string>& arguments = {});

/// The whole program: parses, runs the command, prints errors; returns the exit code.
int main(const std::vector<std::string>& arguments, Context context);

}  // namespace crosstalk::cli
