#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string_view>

namespace crosstalk {

using Json = nlohmann::json;  // objects are sorted by key: the same content gives the same text

/// What the text says; discarded (`is_discarded()`) where it is no JSON, or nested more than 100 deep: to
/// copy a value takes a stack frame for each level, and text from elsewhere may have millions.
Json read_json(std::string_view text);

/// The same of CBOR, each of whose lengths stands in front of what it is the length of; without tags.
Json read_cbor(std::span<const std::uint8_t> bytes);

/// A whole number, or Json::type_error. `get` takes 1e300 and not-a-number too, which C++ leaves undefined.
inline std::int64_t integer_of(const Json& value) { return value.get_ref<const Json::number_integer_t&>(); }

}  // namespace crosstalk
