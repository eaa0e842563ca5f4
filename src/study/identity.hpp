#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/json.hpp"

namespace crosstalk::study {

/// What a run's identifier is made of: {"keys":{...},"schema":1,"seed":0} in ASCII, keys sorted, without
/// those that equal their defaults (but always with probe.measures), floats in the shortest form that reads
/// back the same and never without a point or exponent.
std::string canonical_text(const std::map<std::string, Json>& values, std::uint64_t seed);

/// The first 16 hexadecimal digits of its SHA-256.
std::string run_id(const std::map<std::string, Json>& values, std::uint64_t seed);

}  // namespace crosstalk::study
