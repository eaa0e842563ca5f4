#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/text.hpp"

namespace crosstalk::study {

/// A value as TOML has it, cut as a text is.
std::string cut_value(const Json& value);

/// "a, b or c".
std::string alternatives(const std::vector<std::string>& words);
/// The same for a message, which stays a line: of many words the first, how many more there are, and who has
/// them.
std::string some_alternatives(std::vector<std::string> words,
                              const std::string& who = "`crosstalk study keys`");

}  // namespace crosstalk::study
