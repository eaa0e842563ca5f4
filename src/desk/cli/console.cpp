#include "cli/console.hpp"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/error.hpp"

namespace crosstalk::cli {
namespace {

constexpr std::size_t longest_line = 360;

/// Throws as `print` does.
void write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {  // another program left the terminal or pipe so that it does not wait
      pollfd ready{descriptor, POLLOUT, 0};
      ::poll(&ready, 1, -1);
    } else if (errno == EPIPE) {
      throw ClosedOutput();
    } else if (errno != EINTR) {
      throw Error(ErrorKind::environment,
                  std::string("the output cannot be written: ") + std::strerror(errno) +
                      ". What is there is cut short: make room, or write it elsewhere.");
    }
  }
}

void write_if_possible(int descriptor, std::string_view text) {
  try {
    write_all(descriptor, text);
  } catch (const ClosedOutput&) {
  } catch (const Error&) {
  }
}

/// A message's lines behind `first` and `further`.
std::string legible(std::string_view first, std::string_view further, std::string_view message) {
  std::string text;
  for (std::size_t at = 0; at <= message.size();) {
    const std::size_t end = std::min(message.find('\n', at), message.size());
    text += at == 0 ? first : further;
    text += shortened(printable(message.substr(at, end - at)), longest_line) + '\n';
    at = end + 1;
  }
  return text;
}

std::string fixed(double number, int places) {
  char text[64];
  return std::string(text,
                     static_cast<std::size_t>(std::snprintf(text, sizeof text, "%.*f", places, number)));
}

/// Also where one is unknown: "?".
bool is_number(std::string_view text) {
  return text == "?" || (!text.empty() && text.find_first_not_of("0123456789.,-+e% ") == text.npos);
}

/// Characters, not bytes: UTF-8's continuation bytes have no width.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

}  // namespace

void print(std::string_view text) { write_all(STDOUT_FILENO, text); }

void say(std::string_view text) { print(printable(text)); }

void say_if_heard(std::string_view text) { write_if_possible(STDOUT_FILENO, printable(text)); }

void print_if_heard(std::string_view text) { write_if_possible(STDOUT_FILENO, text); }

void complain(std::string_view message) {
  write_if_possible(STDERR_FILENO, legible("crosstalk: ", "           ", message));
}

void remark(std::string_view message) { write_if_possible(STDERR_FILENO, legible("", "", message)); }

bool is_terminal(int descriptor) { return ::isatty(descriptor) == 1; }

int terminal_columns() {
  winsize size{};
  return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

bool may_colour() {
  const char* refused = std::getenv("NO_COLOR");
  return is_terminal(STDOUT_FILENO) && (refused == nullptr || *refused == '\0');
}

std::string duration(double seconds) {
  if (seconds < 10) return fixed(seconds, 1) + " s";
  if (seconds < 100) return fixed(seconds, 0) + " s";
  if (seconds < 100 * 60) return fixed(seconds / 60, 0) + " min";
  if (seconds < 48 * 3600) return fixed(seconds / 3600, 1) + " h";
  return fixed(seconds / 86400, 1) + " days";
}

std::string size(double bytes) {
  const char* units[] = {"B", "KB", "MB", "GB", "TB"};
  int unit = 0;
  for (; bytes >= 1000 && unit < 4; ++unit) bytes /= 1000;
  return fixed(bytes, unit == 0 || bytes >= 100 ? 0 : 1) + ' ' + units[unit];
}

std::string aligned(const std::vector<std::vector<std::string>>& lines) {
  std::vector<std::size_t> widths;
  for (const auto& line : lines) {
    widths.resize(std::max(widths.size(), line.size()));
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], width(line[i]));
  }
  std::string text;
  for (const auto& line : lines) {
    std::string row;
    for (std::size_t i = 0; i < line.size(); ++i) {
      const std::string space(widths[i] - width(line[i]), ' ');
      row += (i == 0 ? "" : "  ") + (is_number(line[i]) ? space + line[i] : line[i] + space);
    }
    row.erase(row.find_last_not_of(' ') + 1);
    text += row + '\n';
  }
  return text;
}

}  // namespace crosstalk::cli
