#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace crosstalk::stats {

/// Random numbers for resampling: Philox keyed by a name, so that an interval depends on what it is an
/// interval of and on nothing that was computed before it.
class Draws {
 public:
  explicit Draws(std::string_view name);
  std::uint32_t bits() {
    if (next_ == 4) refill();
    return block_[next_++];
  }
  /// 0..limit-1, each as likely as the next (Lemire 2019).
  std::uint32_t below(std::uint32_t limit) {
    std::uint64_t product = std::uint64_t{bits()} * limit;
    if (static_cast<std::uint32_t>(product) < limit) {
      const std::uint32_t reject = (0u - limit) % limit;
      while (static_cast<std::uint32_t>(product) < reject) product = std::uint64_t{bits()} * limit;
    }
    return static_cast<std::uint32_t>(product >> 32);
  }
  double uniform() { return (bits() + 0.5) * 0x1p-32; }  // within (0, 1), 32 bits
  double normal();                                       // Box and Muller

 private:
  void refill();
  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> block_{};
  std::uint64_t counter_ = 0;
  unsigned next_ = 4;
};

}  // namespace crosstalk::stats
