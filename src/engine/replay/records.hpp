#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

namespace crosstalk::replay {

/// Records of one size, numbered for life: added at the end, dropped at the front.
class Records {
 public:
  explicit Records(std::size_t bytes) : bytes_(bytes) {}

  std::int64_t first() const { return first_; }
  std::int64_t end() const { return first_ + static_cast<std::int64_t>(held_.size()); }
  /// Room for one more, to be written by the caller.
  std::byte* add() { return held_.emplace_back(bytes_).data(); }
  const std::byte* operator[](std::int64_t record) const {
    return held_[static_cast<std::size_t>(record - first_)].data();
  }
  void drop_until(std::int64_t first) {
    for (; first_ < first; ++first_) held_.pop_front();
  }
  /// None, and the next one is numbered `first`.
  void clear(std::int64_t first) {
    held_.clear();
    first_ = first;
  }

 private:
  std::size_t bytes_;
  std::deque<std::vector<std::byte>> held_;
  std::int64_t first_ = 0;
};

}  // namespace crosstalk::replay
