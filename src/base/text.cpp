#include "base/text.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdio>
#include <cstring>

namespace crosstalk {
namespace {

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

std::string escaped(std::string_view piece, std::uint32_t number) {
  if (number == '\n') return "\\n";
  if (number == '\r') return "\\r";
  if (number == '\t') return "\\t";
  char text[16];
  std::snprintf(text, sizeof text, piece.size() == 1 && number >= 0x80 ? "\\x%02X" : "\\u%04X", number);
  return text;
}

/// Characters that would break a line, hide or turn around what stands behind them.
bool disturbs(std::uint32_t number) {
  return number < 0x20 || (number >= 0x7f && number < 0xa0) || (number >= 0x200b && number <= 0x200f) ||
         (number >= 0x2028 && number <= 0x202e) || (number >= 0x2066 && number <= 0x2069) || number == 0xfeff;
}

}  // namespace

std::size_t character_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (at >= text.size()) return 0;
  const unsigned char first = byte(at);
  const std::size_t length = first < 0x80                    ? 1
                             : first >= 0xc2 && first < 0xe0 ? 2
                             : first >= 0xe0 && first < 0xf0 ? 3
                             : first >= 0xf0 && first < 0xf5 ? 4
                                                             : 0;
  if (length == 0 || at + length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(at + i) & 0xc0) != 0x80) return 0;
  const std::uint32_t number = code_point(text.substr(at, length));
  const bool overlong = (length == 3 && number < 0x800) || (length == 4 && number < 0x10000);
  return overlong || (number >= 0xd800 && number < 0xe000) || number > 0x10ffff ? 0 : length;
}

std::uint32_t code_point(std::string_view character) {
  const auto byte = [&](std::size_t i) -> std::uint32_t { return static_cast<unsigned char>(character[i]); };
  if (character.size() == 1) return byte(0);
  std::uint32_t number = byte(0) & (0x7fu >> character.size());
  for (std::size_t i = 1; i < character.size(); ++i) number = number << 6 | (byte(i) & 0x3f);
  return number;
}

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = character_at(text, at);
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
    const std::size_t length = controls ? 0 : character_at(text, at);
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

std::string cut(std::string_view text, std::size_t most) {
  std::string shown;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = character_at(text, at);
    const std::string_view piece = text.substr(at, std::max<std::size_t>(length, 1));
    const std::uint32_t number = code_point(piece);
    const std::string part = length == 0 || disturbs(number) ? escaped(piece, number) : std::string(piece);
    if (shown.size() + part.size() > most) return shown + "...";
    shown += part;
    at += piece.size();
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

std::string exactly(double value) {
  char text[32];
  return std::string(text, std::to_chars(text, text + sizeof text, value).ptr);
}

std::string significant(double value) {
  char text[32];
  return std::string(text, static_cast<std::size_t>(std::snprintf(text, sizeof text, "%.3g", value)));
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
