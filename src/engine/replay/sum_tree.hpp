#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace crosstalk::replay {

/// Numbers in places from 0, of which one can be drawn in proportion to its size, or changed, in O(log n): a
/// binary tree whose nodes hold the sums of their leaves (Schaul et al. 2016, appendix B.2.1). A sum is
/// always made anew from its two halves, so that the tree depends on what stands in it alone, never on its
/// history. It grows with its places.
class SumTree {
 public:
  /// At least 0 and finite. New places before it hold 0.
  void set(std::int64_t place, float number);
  float operator[](std::int64_t place) const {
    return static_cast<float>(sums_[static_cast<std::size_t>(leaves_ + place)]);
  }
  std::int64_t places() const { return places_; }
  double total() const { return places_ == 0 ? 0 : sums_[1]; }
  /// The place at which the numbers before it and its own pass `mass`, 0 <= mass <= total() > 0. Never one
  /// that holds 0.
  std::int64_t find(double mass) const;
  /// These numbers, and no others.
  void assign(std::span<const float> numbers);

 private:
  void grow(std::int64_t places);
  void sum(std::size_t node) { sums_[node] = sums_[2 * node] + sums_[2 * node + 1]; }

  std::int64_t places_ = 0, leaves_ = 0;  // in use; a power of 2
  std::vector<double> sums_;              // of node i, whose halves are 2 i and 2 i + 1; the root is 1
};

}  // namespace crosstalk::replay
