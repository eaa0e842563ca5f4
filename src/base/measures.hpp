#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace crosstalk {

/// What the table base/measures.def says of a measure; lists have blanks between their words.
struct MeasureEntry {
  std::string_view name;        // of its rows and in probe.measures
  std::string_view kinds;       // of task that alone it fits, "KIND/levels" among them; empty: all
  std::string_view splits;      // of its rows
  std::string_view parts;       // of rows beside its own: "random" is NAME.random
  std::string_view unit;        // empty: none, or that of the task's outputs
  std::string_view label;       // in words, for an axis or a line
  std::string_view grams = "";  // that it reads: "function", "loss"
  std::string_view needs = "";  // "errors", "asked", "evolving", "momentum": measures.def
};

inline constexpr auto measure_table = std::to_array<MeasureEntry>({
#define MEASURE(function, ...) {__VA_ARGS__},
#include "base/measures.def"
#undef MEASURE
});

/// Its entry; nullptr where there is none of this name.
constexpr const MeasureEntry* find_measure(std::string_view name) {
  const auto found = std::find_if(measure_table.begin(), measure_table.end(),
                                  [&](const MeasureEntry& entry) { return entry.name == name; });
  return found == measure_table.end() ? nullptr : &*found;
}

/// The measure behind a row's name, the first words of it that are one: "reward" of "reward.blind",
/// "norm.step" of "norm.step.relative"; the first word where no measure is.
constexpr std::string_view measure_of(std::string_view row) {
  for (std::size_t dot = row.find('.'); dot != row.npos; dot = row.find('.', dot + 1))
    if (find_measure(row.substr(0, dot)) != nullptr) return row.substr(0, dot);
  return find_measure(row) != nullptr ? row : row.substr(0, row.find('.'));
}

}  // namespace crosstalk
