#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/text.hpp"
#include "figures/figure.hpp"
#include "stats/estimate.hpp"

/// How numbers become words and cells.
namespace crosstalk::figures {

std::string counted(std::int64_t count, const std::string& noun);  // "1 run", "1,200 runs"
std::string decimal(double value, int places = 2);                 // "-0.21", never "-0.00"
std::string joined(const std::vector<std::string>& parts);         // "a, b and c"
std::string in_words(const stats::Interval& interval);             // "0.12 to 0.83", "none (fewer than ...)"

/// A key's value as a study has it: adam, 0.001, [8,16].
std::string plain(const Json& value);

/// Adds a sentence to a text.
void say(std::string& text, const std::string& sentence);

Cell cell(const std::optional<double>& value);
Cell cell(const stats::Estimate& estimate);  // nothing where undefined
Cell low(const stats::Interval& interval);
Cell high(const stats::Interval& interval);
/// Why there is no number, or nothing.
Cell reason(const std::string& undefined);

/// A fact: the number, or null where there is none or it is not finite.
Json fact(const stats::Estimate& estimate);
Json fact(double value);

/// The table and the figure as the bundle has them; numbers that are not finite become null.
Json to_json(const Table& table);

}  // namespace crosstalk::figures
