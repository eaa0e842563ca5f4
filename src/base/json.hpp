#pragma once

#include <nlohmann/json.hpp>

namespace crosstalk {
using Json = nlohmann::json;  // objects are sorted by key: the same content gives the same text
}
