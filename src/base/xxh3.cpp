#include "base/xxh3.hpp"

#include <cstdio>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace crosstalk {

std::string Xxh3::hex() const {
  char text[33];
  std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(high),
                static_cast<unsigned long long>(low));
  return text;
}

Xxh3 xxh3(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.high64, hash.low64};
}

}  // namespace crosstalk
