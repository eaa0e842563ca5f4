#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <string>

/// What an option takes, as CLI11's `check` asks for it: empty for a value that is right, else what is wrong
/// with it.
namespace crosstalk::cli {

using Check = std::function<std::string(const std::string&)>;

Check whole_number(long long least, long long most);
Check number(double least, double most);
Check some_text();  // not empty

/// --seed-offset K, into `offset`.
void add_seed_offset(CLI::App& command, std::int64_t& offset);

}  // namespace crosstalk::cli
