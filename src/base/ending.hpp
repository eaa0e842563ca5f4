#pragma once

#include <algorithm>
#include <string_view>

namespace crosstalk {

inline char small_letter(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

/// Whether a file's name ends so, in capitals or not: instruments and Windows programs write DATA.CSV.
/// `ending` is in small letters. Twin: has_ending in python/crosstalk/data/names.py.
inline bool has_ending(std::string_view name, std::string_view ending) {
  return name.size() >= ending.size() &&
         std::equal(ending.begin(), ending.end(), name.end() - static_cast<std::ptrdiff_t>(ending.size()),
                    [&](char expected, char found) { return expected == small_letter(found); });
}

}  // namespace crosstalk
