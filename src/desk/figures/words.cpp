#include "figures/words.hpp"

#include <cmath>
#include <cstdio>

namespace crosstalk::figures {

std::string counted(std::int64_t count, const std::string& noun) {
  return with_commas(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string decimal(double value, int places) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", places, value);
  std::string result = text;
  if (result.front() == '-' && result.find_first_of("123456789") == std::string::npos) result.erase(0, 1);
  return result;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += i + 1 == parts.size() ? " and " : ", ";
    text += parts[i];
  }
  return text;
}

std::string in_words(const stats::Interval& interval) {
  if (!interval.defined()) return "none (" + interval.undefined + ")";
  return decimal(interval.low) + " to " + decimal(interval.high);
}

std::string plain(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

void say(std::string& text, const std::string& sentence) { text += (text.empty() ? "" : " ") + sentence; }

Cell cell(const std::optional<double>& value) { return value ? Cell(*value) : Cell(); }
Cell cell(const stats::Estimate& estimate) { return estimate.defined() ? Cell(estimate.value) : Cell(); }
Cell low(const stats::Interval& interval) { return interval.defined() ? Cell(interval.low) : Cell(); }
Cell high(const stats::Interval& interval) { return interval.defined() ? Cell(interval.high) : Cell(); }
Cell reason(const std::string& undefined) { return undefined.empty() ? Cell() : Cell(undefined); }

Json fact(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }
Json fact(const stats::Estimate& estimate) {
  return estimate.defined() ? fact(estimate.value) : Json(nullptr);
}

Json to_json(const Table& table) {
  Json rows = Json::array();
  for (const std::vector<Cell>& row : table.rows) {
    Json cells = Json::array();
    for (const Cell& one : row) {
      if (const double* number = std::get_if<double>(&one))
        cells.push_back(fact(*number));
      else if (const std::string* text = std::get_if<std::string>(&one))
        cells.push_back(*text);
      else if (const bool* truth = std::get_if<bool>(&one))
        cells.push_back(*truth);
      else
        cells.push_back(nullptr);
    }
    rows.push_back(std::move(cells));
  }
  return {{"columns", table.columns}, {"rows", std::move(rows)}};
}

}  // namespace crosstalk::figures
