#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace crosstalk {

/// Whether the bytes are UTF-8 (RFC 3629): what a path or an argument need not be, and JSON must be.
bool is_utf8(std::string_view text);

/// As a terminal takes it: bytes that are no UTF-8, and control characters other than a line's end, as \xE9.
std::string printable(std::string_view text);

/// At most `most` bytes (some more than 20) of a text, the middle left out; cut between characters.
std::string shortened(std::string_view text, std::size_t most);

/// A word as a shell takes it: in quotes where it holds more than letters, digits and a few signs.
std::string shell_word(const std::string& word);

/// A text as messages have it: on one line, control characters and bytes that are no UTF-8 as escapes, and
/// cut, with "..." behind it, where it is longer than `most` bytes. Whatever a user wrote goes through here.
std::string cut(std::string_view text, std::size_t most = 60);

/// The bytes of the character of UTF-8 at `at`; 0 where there is none that is sound.
std::size_t character_at(std::string_view text, std::size_t at);

/// Its number: 0x201C for a curly quote.
std::uint32_t code_point(std::string_view character);

/// 12345 -> "12,345".
std::string with_commas(std::int64_t number);

std::string exactly(double value);      // the shortest that reads back to the same bits
std::string significant(double value);  // three digits: "0.0123", "1.2e+05"

}  // namespace crosstalk
