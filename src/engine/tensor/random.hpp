#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace crosstalk::tensor {

/// A stream of random numbers: Philox4x32-10 (Salmon et al. 2011) keyed by (seed, name). Two names never
/// share numbers, so that measuring draws nothing from what training draws. The same on every machine
/// (normal() as far as its logarithm and cosine are).
class Stream {
 public:
  /// Everything a checkpoint needs to go on: the key is derived anew from (seed, name), the position is
  /// stored.
  using Position = std::uint64_t;  // 32-bit words drawn so far

  Stream(std::uint64_t seed, std::string_view name);
  std::uint32_t bits();
  double uniform();                          // [0, 1), 53 bits
  double uniform(double low, double high);   // [low, high)
  std::uint64_t below(std::uint64_t limit);  // 0..limit-1, without bias (Lemire 2019); limit > 0
  double normal();  // Box and Muller's cosine alone: a position then says all; 4 words
  Position position() const;
  void seek(Position position);

 private:
  void refill();
  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> block_{};
  std::uint64_t position_ = 0;
};

}  // namespace crosstalk::tensor
