#include "cli/checks.hpp"

#include <charconv>
#include <cstdio>

#include "cli/console.hpp"
#include "study/layer.hpp"

namespace crosstalk::cli {
namespace {

std::string shown(const std::string& value) { return "'" + cut(value, 40) + "'"; }

std::string plain(double value) {
  char text[32];
  return std::string(text, static_cast<std::size_t>(std::snprintf(text, sizeof text, "%g", value)));
}

/// The whole text as a number; false where it is none, or one too large for its type.
template <class Number>
bool read(const std::string& text, Number& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

Check whole_number(long long least, long long most) {
  return [=](const std::string& text) {
    long long value = 0;
    if (read(text, value) && value >= least && value <= most) return std::string();
    return shown(text) + " is given where a whole number from " + with_commas(least) + " to " +
           with_commas(most) + " is expected";
  };
}

Check number(double least, double most) {
  return [=](const std::string& text) {
    double value = 0;  // nan and inf are read too, and stand in no range
    if (read(text, value) && value >= least && value <= most) return std::string();
    return shown(text) + " is given where a number from " + plain(least) + " to " + plain(most) +
           " is expected";
  };
}

Check some_text() {
  return [](const std::string& text) {
    return text.empty() ? std::string("nothing is given, between two quotes") : std::string();
  };
}

void add_seed_offset(CLI::App& command, std::int64_t& offset) {
  // The range is checked on the text: CLI11 would take the largest number for one that is beyond it.
  constexpr auto most = static_cast<std::int64_t>(study::largest_seed);
  command.add_option("--seed-offset", offset, "added to every seed")
      ->type_name("K")
      ->check(whole_number(-most, most));
}

}  // namespace crosstalk::cli
