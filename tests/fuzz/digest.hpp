#pragma once

#include <string>

#include "base/contents.hpp"

namespace crosstalk::fuzz {

/// The bytes of a safetensors file with the digest that belongs to them, where they have a place for one:
/// what stands behind the digest's check is reached only so.
inline std::string with_its_digest(std::string bytes) {
  if (const auto digest = contents_of(bytes))
    bytes.replace(*place_of_contents(bytes), digest->size(), *digest);
  return bytes;
}

}  // namespace crosstalk::fuzz
