#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace crosstalk::study {

/// A TOML document as a tree with lines, so that one source file alone pays for the parser's headers.
struct TomlEntry {
  std::string name;
  int line = 0;
  bool is_table = false;
  bool is_list_of_tables = false;  // [[name]]: its entries are the tables
  std::vector<TomlEntry> entries;  // of a table, in the file's order
  Json value;                      // of anything else; null for a date or time
};

/// Line and column from 1; 0: of the whole file, of the whole line.
struct TomlFault {
  int line = 0;
  int column = 0;
  std::string message;
};

struct TomlDocument {
  std::vector<TomlEntry> entries;
  std::optional<TomlFault> fault;  // broken TOML: there are no entries then
};

TomlDocument parse_toml(std::string_view text);

/// A value as it stands behind `key =`, with words without quotes taken as texts, also inside lists: `adam`,
/// `[adam, sgd]`, `1e-3`, and numbers without their zero: `.01`. The caller has asked fault_before_parsing.
Json parse_toml_value(std::string_view text);

}  // namespace crosstalk::study
