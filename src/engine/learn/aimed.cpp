#include "learn/aimed.hpp"

#include <algorithm>

namespace crosstalk::learn {

void Aimed::look() {
  decided_ = decided();
  while (!without_.empty() && without_.front() < steps_.first()) without_.pop_front();
  for (const data::Id unfinished = steps_.unfinished(); decided_ < steps_.end(); ++decided_) {
    if (objective_.defined(steps_, decided_)) continue;
    if (decided_ >= unfinished) return;  // its episode goes on: it may yet have one, and those behind it too
    without_.push_back(decided_);
  }
}

void Aimed::look_again() {
  without_.clear();
  decided_ = steps_.first();
  look();
}

data::Id Aimed::row(std::int64_t place) const {
  if (count() == steps_.size()) return steps_.drawn(place);
  // Before the i-th row without an aim there are without_[i] - first - i rows with one.
  const data::Id first = steps_.first();
  std::int64_t before = 0;  // of the rows without one, those before the row
  for (std::int64_t high = std::ssize(without_); before < high;) {
    const std::int64_t middle = (before + high) / 2;
    if (without_[static_cast<std::size_t>(middle)] - first - middle <= place)
      before = middle + 1;
    else
      high = middle;
  }
  return first + place + before;
}

bool Aimed::has(data::Id row) const {
  return row >= steps_.first() && row < decided_ &&
         !std::binary_search(without_.begin(), without_.end(), row);
}

}  // namespace crosstalk::learn
