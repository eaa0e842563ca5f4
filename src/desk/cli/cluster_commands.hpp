#pragma once

#include "cli/command.hpp"

namespace crosstalk::cli {

/// The commands of a study that goes through a cluster; as those in command.hpp.
void add_submit_command(CLI::App& app, Context& context);
void add_task_command(CLI::App& app, Context& context);
void add_merge_command(CLI::App& app, Context& context);
void add_cancel_command(CLI::App& app, Context& context);

}  // namespace crosstalk::cli
