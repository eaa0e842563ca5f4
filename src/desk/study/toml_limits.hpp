#pragma once

#include <optional>
#include <string_view>

#include "study/toml.hpp"

namespace crosstalk::study {

/// What of a study file is read at most.
inline constexpr std::size_t most_bytes = 4'000'000;

/// What keeps a text from being parsed at all: its size, its encoding, or a depth that the TOML library,
/// which takes stack for each level of brackets and each part of a dotted key, would not survive.
std::optional<TomlFault> fault_before_parsing(std::string_view text);

/// What stands where the library stopped, if it is something that looks like another thing: "; write straight
/// quotes ...". Empty where nothing can be said.
std::string mend_at(std::string_view text, int line, int column);

}  // namespace crosstalk::study
