#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/text.hpp"

namespace crosstalk::study {

/// What of a strange text a message may show at most, in bytes.
inline constexpr std::size_t most_shown = 60;

/// A text as messages have it: on one line, control characters and bytes that are no UTF-8 as escapes, and
/// cut, with "..." behind it, where it is longer than `most`. Whatever a user wrote goes through here.
std::string cut(std::string_view text, std::size_t most = most_shown);

/// A value as TOML has it, cut likewise.
std::string cut_value(const Json& value);

/// The bytes of the character of UTF-8 at `at`; 0 where there is none that is sound.
std::size_t character_at(std::string_view text, std::size_t at);

/// Its number: 0x201C for a curly quote.
std::uint32_t code_point(std::string_view character);

/// "a, b or c".
std::string alternatives(const std::vector<std::string>& words);

}  // namespace crosstalk::study
