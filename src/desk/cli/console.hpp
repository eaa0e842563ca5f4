#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"

namespace crosstalk::cli {

/// The reader of our output has gone (`crosstalk export DIR | head`): the command ends in silence.
struct ClosedOutput {};

/// Writes to standard output, unbuffered; throws ClosedOutput when nobody reads it, Error(environment) when
/// it cannot be written (a full disk).
void print(std::string_view text);
/// The same for people: control characters, which a file's name may have, are escaped.
void say(std::string_view text);
/// The same for what is said by the way: an output that takes nothing is no reason to stop.
void say_if_heard(std::string_view text);
/// As it is, for lines that are drawn again on a terminal.
void print_if_heard(std::string_view text);
/// "crosstalk: message" on standard error, with a hanging indent on the message's further lines; a line that
/// would fill a screen is cut, and bytes that are no text are escaped.
void complain(std::string_view message);
/// A remark on standard error that is no error.
void remark(std::string_view message);

bool is_terminal(int descriptor);
int terminal_columns();  // 80 where it cannot be told
bool may_colour();       // a terminal, and NO_COLOR is not set

/// "40 s", "12 min", "3.4 h", "2.1 days".
std::string duration(double seconds);
/// "812 B", "3.1 MB".
std::string size(double bytes);
/// Columns aligned by their widest cell, two spaces between; numbers to the right.
std::string aligned(const std::vector<std::vector<std::string>>& lines);

}  // namespace crosstalk::cli
