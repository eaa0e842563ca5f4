#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

namespace crosstalk {

using Json = nlohmann::json;  // objects are sorted by key: the same content gives the same text

/// What the text says; discarded (`is_discarded()`) where it is no JSON, or nested more than 100 deep: to
/// copy a value takes a stack frame for each level, and text from elsewhere may have millions.
Json read_json(std::string_view text);

}  // namespace crosstalk
