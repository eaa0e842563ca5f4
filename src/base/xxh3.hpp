#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace crosstalk {

/// XXH3 in 128 bits (xxhash.com), as two numbers. It finds accidents, not malice.
struct Xxh3 {
  std::uint64_t high = 0, low = 0;
  std::string hex() const;  // 32 lower-case hexadecimal digits, the high number's first
};
Xxh3 xxh3(std::string_view bytes);

}  // namespace crosstalk
