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

/// 12345 -> "12,345".
std::string with_commas(std::int64_t number);

}  // namespace crosstalk
