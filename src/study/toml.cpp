// The distribution's build of toml++ is a shared library; header-only keeps the wheel free of it.
#undef TOML_HEADER_ONLY
#undef TOML_SHARED_LIB
#define TOML_HEADER_ONLY 1
#include "study/toml.hpp"

#include <toml++/toml.h>

#include <algorithm>

namespace crosstalk::study {
namespace {

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
  TomlDocument document;
  try {
    document.entries = entries_of(toml::parse(text));
  } catch (const toml::parse_error& error) {
    document.fault = {static_cast<int>(error.source().begin.line),
                      static_cast<int>(error.source().begin.column), std::string(error.description())};
  }
  return document;
}

std::optional<Json> parse_toml_value(std::string_view text) {
  text = trimmed(text);
  if (auto value = proper_value(text)) return value;
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']') {
    Json list = Json::array();
    for (const std::string_view part : split_list(text.substr(1, text.size() - 2))) {
      auto item = parse_toml_value(part);
      if (!item) return std::nullopt;
      list.push_back(std::move(*item));
    }
    return list;
  }
  Json word = std::string(text);
  try {
    (void)word.dump();
  } catch (const Json::exception&) {
    return std::nullopt;
  }
  return word;
}

}  // namespace crosstalk::study
