#include "study/words.hpp"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "study/schema.hpp"

namespace crosstalk::study {
namespace {

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

std::string cut_value(const Json& value) { return cut(to_toml(value)); }

std::string alternatives(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i)
    text += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
  return text;
}

}  // namespace crosstalk::study
