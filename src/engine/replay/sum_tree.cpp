#include "replay/sum_tree.hpp"

#include <algorithm>
#include <bit>

namespace crosstalk::replay {

void SumTree::grow(std::int64_t places) {
  const std::int64_t old = leaves_;
  leaves_ =
      static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(std::max<std::int64_t>(places, 2))));
  std::vector<double> sums(static_cast<std::size_t>(2 * leaves_), 0.0);
  if (old > 0) std::copy_n(sums_.begin() + old, places_, sums.begin() + leaves_);
  sums_ = std::move(sums);
  for (auto node = static_cast<std::size_t>(leaves_); --node > 0;) sum(node);
}

void SumTree::set(std::int64_t place, float number) {
  if (place >= leaves_) grow(place + 1);
  places_ = std::max(places_, place + 1);
  auto node = static_cast<std::size_t>(leaves_ + place);
  sums_[node] = number;
  while ((node /= 2) > 0) sum(node);
}

std::int64_t SumTree::find(double mass) const {
  auto node = std::size_t{1};
  while (node < static_cast<std::size_t>(leaves_)) {
    const double first = sums_[2 * node], second = sums_[2 * node + 1];
    node *= 2;
    // Where rounding leaves more mass than there is, a half that holds nothing is not gone into.
    if (mass < first || second == 0) continue;
    mass -= first;
    ++node;
  }
  return static_cast<std::int64_t>(node) - leaves_;
}

void SumTree::assign(std::span<const float> numbers) {
  *this = {};
  if (numbers.empty()) return;
  places_ = std::ssize(numbers);
  grow(places_);
  std::copy(numbers.begin(), numbers.end(), sums_.begin() + leaves_);
  for (auto node = static_cast<std::size_t>(leaves_); --node > 0;) sum(node);
}

}  // namespace crosstalk::replay
