#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/json.hpp"

namespace crosstalk::study {

/// What a run's identifier is made of: {"keys":{...},"schema":3,"seed":0} in ASCII, keys sorted, without
/// those that equal their defaults (but always with probe.measures), floats in the shortest form that reads
/// back the same and never without a point or exponent. Runs of one configuration share all but the seed,
/// which is why the text of its keys is made once.
class Identity {
 public:
  explicit Identity(const std::map<std::string, Json>& values);
  std::string canonical_text(std::uint64_t seed) const { return keys_ + std::to_string(seed) + "}"; }
  /// The first 16 hexadecimal digits of its SHA-256.
  std::string run_id(std::uint64_t seed) const;

 private:
  std::string keys_;  // up to the seed
};

}  // namespace crosstalk::study
