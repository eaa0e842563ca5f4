#include "base/text.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstring>

namespace crosstalk {
namespace {

/// Bytes of the character that begins at `at`; 0 where none does. Neither a longer form than is needed, nor
/// half of a surrogate pair, nor anything beyond U+10FFFF is a character.
std::size_t character(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || at + length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  const unsigned char second = byte(1);
  const bool sound = first == 0xe0   ? second >= 0xa0
                     : first == 0xed ? second < 0xa0
                     : first == 0xf0 ? second >= 0x90
                     : first == 0xf4 ? second < 0x90
                                     : true;
  return sound ? length : 0;
}

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

}  // namespace

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = character(text, at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

std::string printable(std::string_view text) {
  std::string shown;
  for (std::size_t at = 0; at < text.size();) {
    const auto first = static_cast<unsigned char>(text[at]);
    const bool controls = (first < 0x20 && first != '\n') || first == 0x7f;
    const std::size_t length = controls ? 0 : character(text, at);
    if (length == 0) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\x%02x", first);
      shown += escaped;
    }
    shown += text.substr(at, length);
    at += std::max<std::size_t>(1, length);
  }
  return shown;
}

std::string shortened(std::string_view text, std::size_t most) {
  constexpr std::string_view gap = " ... ";
  if (text.size() <= most) return std::string(text);
  std::size_t head = (most - gap.size()) * 2 / 3, tail = text.size() - (most - gap.size() - head);
  while (head > 0 && continues(text[head])) --head;
  while (tail < text.size() && continues(text[tail])) ++tail;
  return std::string(text.substr(0, head)) + std::string(gap) + std::string(text.substr(tail));
}

std::string with_commas(std::int64_t number) {
  std::string digits = std::to_string(number);
  for (int at = static_cast<int>(digits.size()) - 3; at > (number < 0 ? 1 : 0); at -= 3) {
    digits.insert(static_cast<std::size_t>(at), ",");
  }
  return digits;
}

std::string shell_word(const std::string& word) {
  const auto plain = [](unsigned char c) {
    return c < 0x80 && (std::isalnum(c) != 0 || (c != 0 && std::strchr("_@%+=:,./-", c) != nullptr));
  };
  if (!word.empty() && std::all_of(word.begin(), word.end(), plain)) return word;
  // What would act on a terminal: $'...' with its codes, which bash, zsh and ksh read.
  if (std::any_of(word.begin(), word.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; })) {
    std::string coded = "$'";
    for (const unsigned char c : word) {
      char code[8];
      std::snprintf(code, sizeof code, "\\%03o", c);
      coded += c < 0x20 || c == 0x7f    ? code
               : c == '\'' || c == '\\' ? std::string("\\") + char(c)
                                        : std::string(1, char(c));
    }
    return coded + "'";
  }
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

}  // namespace crosstalk
