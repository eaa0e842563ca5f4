// The distribution's build of toml++ is a shared library; header-only keeps the wheel free of it.
#undef TOML_HEADER_ONLY
#undef TOML_SHARED_LIB
#define TOML_HEADER_ONLY 1
// One of its assertions does not hold for a table's name that is a line's end; without them it says what is
// wrong.
#define TOML_ASSERT(expression) static_assert(true)
#include "study/toml.hpp"

#include <toml++/toml.h>

#include <algorithm>

#include "study/toml_limits.hpp"
#include "study/words.hpp"

namespace crosstalk::study {
namespace {

constexpr std::size_t most_said = 120;  // of the library's words, which may hold a whole key

Json to_json(const toml::node& node) {
  if (const auto* value = node.as_integer()) return value->get();
  if (const auto* value = node.as_floating_point()) return value->get();
  if (const auto* value = node.as_boolean()) return value->get();
  if (const auto* value = node.as_string()) return value->get();
  if (const auto* list = node.as_array()) {
    Json json = Json::array();
    for (const toml::node& item : *list) json.push_back(to_json(item));
    return json;
  }
  return node.is_table() ? Json::object() : Json(nullptr);
}

std::vector<TomlEntry> entries_of(const toml::table& table) {
  struct Located {
    TomlEntry entry;
    unsigned column;
  };
  std::vector<Located> located;
  for (const auto& [key, node] : table) {
    TomlEntry entry{.name = std::string(key.str()), .line = static_cast<int>(key.source().begin.line)};
    if (const auto* inner = node.as_table()) {
      entry.is_table = true;
      entry.entries = entries_of(*inner);
    } else if (const auto* list = node.as_array(); list != nullptr && list->is_array_of_tables()) {
      entry.is_list_of_tables = true;
      entry.value = to_json(node);
      for (const toml::node& item : *list)
        entry.entries.push_back({.name = entry.name,
                                 .line = static_cast<int>(item.source().begin.line),
                                 .is_table = true,
                                 .entries = entries_of(*item.as_table())});
    } else {
      entry.value = to_json(node);
    }
    located.push_back({std::move(entry), key.source().begin.column});
  }
  std::stable_sort(located.begin(), located.end(), [](const Located& a, const Located& b) {
    return a.entry.line != b.entry.line ? a.entry.line < b.entry.line : a.column < b.column;
  });
  std::vector<TomlEntry> entries;
  for (Located& one : located) entries.push_back(std::move(one.entry));
  return entries;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// The parts of "a, [b, c], 'd, e'" between commas that stand in no bracket and no quotes.
std::vector<std::string_view> split_list(std::string_view text) {
  std::vector<std::string_view> parts;
  std::size_t start = 0;
  int open = 0;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '[' || c == ']') {
      open += c == '[' ? 1 : -1;
    } else if (c == ',' && open == 0) {
      parts.push_back(trimmed(text.substr(start, i - start)));
      start = i + 1;
    }
  }
  if (const auto last = trimmed(text.substr(start)); !last.empty() || parts.empty()) parts.push_back(last);
  return parts;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// `.01` and `1.` as TOML wants them, 0.01 and 1.0; anything else as it is.
std::string with_zeros(std::string_view text) {
  const std::size_t point = text.find('.'), sign = text.find_first_of("+-") == 0 ? 1 : 0;
  std::string number(text);
  if (point == std::string_view::npos || text.find_first_not_of("+-.0123456789eE") != std::string_view::npos)
    return number;
  const bool digits_before = point > sign,
             digits_after = point + 1 < text.size() && is_digit(text[point + 1]);
  if (digits_before && !digits_after) number.insert(point + 1, "0");
  if (!digits_before && digits_after && point == sign) number.insert(point, "0");
  return number;
}

std::optional<Json> proper_value(std::string_view text) {
  if (text.find_first_of("\n\r#") != std::string_view::npos)
    return std::nullopt;  // a second line is another key
  try {
    const toml::table table = toml::parse("value = " + std::string(text));
    if (table.size() == 1 && table.contains("value")) return to_json(*table.get("value"));
  } catch (const toml::parse_error&) {
  }
  return std::nullopt;
}

}  // namespace

TomlDocument parse_toml(std::string_view text) {
  TomlDocument document{.entries = {}, .fault = fault_before_parsing(text)};
  if (document.fault) return document;
  try {
    document.entries = entries_of(toml::parse(text));
  } catch (const toml::parse_error& error) {
    const int line = static_cast<int>(error.source().begin.line);
    const int column = static_cast<int>(error.source().begin.column);
    document.fault = {
        line, column,
        "this is not TOML: " + cut(error.description(), most_said) + mend_at(text, line, column)};
  }
  return document;
}

Json parse_toml_value(std::string_view text) {
  text = trimmed(text);
  if (auto value = proper_value(with_zeros(text))) return *std::move(value);
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') return std::string(text);
  Json list = Json::array();
  for (const std::string_view part : split_list(text.substr(1, text.size() - 2)))
    list.push_back(parse_toml_value(part));
  return list;
}

}  // namespace crosstalk::study
