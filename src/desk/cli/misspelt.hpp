#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace crosstalk::cli {

/// "rnu: there is no such command; did you mean run?": the first word of a command line that CLI11 found no
/// use for, where it stands for a command or an option. Empty where it is one word too many.
std::string misspelt(const CLI::App& app);

}  // namespace crosstalk::cli
