#include "study/toml_limits.hpp"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "study/words.hpp"

namespace crosstalk::study {
namespace {

constexpr int most_levels = 100;

/// Lines and columns of a text, from 1; a column is a character.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}
  bool at_end() const { return at_ >= text_.size(); }
  char here() const { return text_[at_]; }
  bool begins(std::string_view word) const { return text_.substr(at_, word.size()) == word; }
  std::string_view rest() const { return text_.substr(at_); }
  void skip(std::size_t count = 1) {
    for (; count > 0 && !at_end(); --count, ++at_) {
      const auto byte = static_cast<unsigned char>(here());
      line_ += byte == '\n';
      column_ = byte == '\n' ? 1 : column_ + ((byte & 0xc0) != 0x80);
    }
  }
  TomlFault fault(const std::string& message) const { return {line_, column_, message}; }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1, column_ = 1;
};

/// Past a string that begins here, in any of TOML's four ways; one that does not close ends with its line.
void skip_string(Cursor& cursor) {
  const char quote = cursor.here();
  const std::string triple(3, quote);
  const bool is_long = cursor.begins(triple);
  cursor.skip(is_long ? 3 : 1);
  while (!cursor.at_end()) {
    if (is_long ? cursor.begins(triple) : cursor.here() == quote) return cursor.skip(is_long ? 3 : 1);
    if (!is_long && cursor.here() == '\n') return;
    cursor.skip(cursor.here() == '\\' && quote == '"' ? 2 : 1);
  }
}

/// How deep the text is at each place: brackets outside of strings and comments, and the dots of the keys
/// that they belong to.
class Depth {
 public:
  void pass(char c) {
    if (c == '=') {
      key_ = dots_;
    } else if (c == '[' || c == '{') {
      around_.push_back(1 + key_);
      levels_ += around_.back();
    } else if ((c == ']' || c == '}') && !around_.empty()) {
      levels_ -= around_.back();
      around_.pop_back();
    }
    if (c == '.') ++dots_;
    if (c == '=' || c == ',' || c == '\n' || c == '[' || c == '{') dots_ = 0;
    if (c == ',' || c == '\n' || c == '[' || c == '{') key_ = 0;
  }
  int brackets() const { return static_cast<int>(around_.size()); }
  int levels() const { return levels_; }
  int dots() const { return dots_; }

 private:
  std::vector<int> around_;  // what each open bracket adds
  int levels_ = 0;
  int key_ = 0, dots_ = 0;  // dots of the key whose value stands here, and since that key or value began
};

std::optional<TomlFault> too_deep(std::string_view text) {
  Depth depth;
  for (Cursor cursor(text); !cursor.at_end();) {
    const char c = cursor.here();
    if (c == '"' || c == '\'') {
      skip_string(cursor);
      continue;
    }
    if (c == '#') {
      cursor.skip(std::min(cursor.rest().find('\n'), cursor.rest().size()));
      continue;
    }
    depth.pass(c);
    if (depth.brackets() > most_levels)
      return cursor.fault("brackets within brackets, more than 100 of them; a study has three at most");
    if (depth.levels() > 2 * most_levels)
      return cursor.fault(
          "keys with dots within brackets, more than 200 levels of them; a study has three at most");
    if (depth.dots() > most_levels)
      return cursor.fault("a key of more than 100 parts with dots between them; a study's have two");
    cursor.skip();
  }
  return std::nullopt;
}

bool looks_like_utf16(std::string_view text) {
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) return true;
  const auto zeros = std::count(text.begin(), text.end(), '\0');
  return zeros > 0 && 3 * zeros > std::ssize(text);
}

std::optional<TomlFault> wrong_encoding(std::string_view text) {
  if (looks_like_utf16(text))
    return TomlFault{0, 0, "this is UTF-16; save it as UTF-8, in which TOML is written"};
  Cursor cursor(text);
  while (!cursor.at_end()) {
    const std::size_t length = character_at(cursor.rest(), 0);
    if (length == 0)
      return cursor.fault("the byte " + cut(cursor.rest().substr(0, 1)) +
                          " is no UTF-8, in which a study is written");
    if (cursor.here() == '\0') return cursor.fault("a byte of zero; a study is a text");
    cursor.skip(length);
  }
  if (text.find('\n') == std::string_view::npos && text.find('\r') < text.size() - 1)
    return TomlFault{1, 0,
                     "lines end in CR alone, as old Macintoshes wrote them; save the file with LF or CR LF"};
  return std::nullopt;
}

std::string in_hexadecimal(std::uint32_t number) {
  char text[16];
  return std::string(text, static_cast<std::size_t>(std::snprintf(text, sizeof text, "U+%04X", number)));
}

bool is_curly_quote(std::uint32_t number) {
  return (number >= 0x2018 && number <= 0x201f) || number == 0xab || number == 0xbb;
}

bool is_strange_blank(std::uint32_t number) {
  return number == 0xa0 || (number >= 0x2000 && number <= 0x200b) || number == 0x202f || number == 0x3000 ||
         number == 0xfeff;
}

}  // namespace

std::optional<TomlFault> fault_before_parsing(std::string_view text) {
  if (text.size() > most_bytes)
    return TomlFault{
        0, 0, with_commas(text.size()) + " bytes; a study file has at most " + with_commas(most_bytes)};
  if (auto fault = wrong_encoding(text)) return fault;
  return too_deep(text);
}

std::string mend_at(std::string_view text, int line, int column) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  for (int at = 1; at < line; ++at) text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  for (int at = 1; at < column && !text.empty(); ++at)
    text.remove_prefix(std::max<std::size_t>(character_at(text, 0), 1));
  const std::size_t length = character_at(text, 0);
  if (length == 0) return "";
  const std::uint32_t number = code_point(text.substr(0, length));
  if (is_curly_quote(number))
    return "; " + std::string(text.substr(0, length)) + " (" + in_hexadecimal(number) +
           ") is a quote for reading; type a straight one, \"";
  if (is_strange_blank(number)) return "; " + in_hexadecimal(number) + " is no plain blank; type a space";
  if (number == '.' && text.size() > 1 && text[1] >= '0' && text[1] <= '9')
    return "; a number begins with a digit: 0" +
           cut(text.substr(0, text.find_first_not_of(".0123456789e+-")), 20);
  if (number >= 0x80) return "; " + in_hexadecimal(number) + " stands there";
  return "";
}

}  // namespace crosstalk::study
