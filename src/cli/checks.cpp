#include "cli/checks.hpp"

#include <charconv>
#include <cstdio>

#include "cli/console.hpp"

namespace crosstalk::cli {
namespace {

std::string shown(const std::string& value) { return "'" + shortened(printable(value), 40) + "'"; }

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

}  // namespace crosstalk::cli
