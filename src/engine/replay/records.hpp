#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

namespace crosstalk::replay {

/// Records of one size, numbered for life: added at the end, dropped at the front. They lie side by side in
/// blocks, so that what comes and goes at each step asks the allocator for nothing.
class Records {
 public:
  explicit Records(std::size_t bytes) : bytes_(bytes) {
    while ((bytes_ << (shift_ + 1)) <= block_bytes) ++shift_;
  }

  std::int64_t first() const { return first_; }
  std::int64_t end() const { return end_; }
  /// Room for one more, to be written by the caller.
  std::byte* add() {
    if (end_ - begin_ == std::ssize(blocks_) << shift_) blocks_.emplace_back(bytes_ << shift_);
    return blocks_.back().data() + within(end_++);
  }
  const std::byte* operator[](std::int64_t record) const {
    return blocks_[static_cast<std::size_t>((record - begin_) >> shift_)].data() + within(record);
  }
  void drop_until(std::int64_t first) {
    first_ = std::max(first_, first);
    for (; first_ - begin_ >= std::int64_t{1} << shift_; begin_ += std::int64_t{1} << shift_)
      blocks_.pop_front();
  }
  /// None, and the next one is numbered `first`.
  void clear(std::int64_t first) {
    blocks_.clear();
    begin_ = first_ = end_ = first;
  }

 private:
  static constexpr std::size_t block_bytes = 1 << 16;

  /// Where a record lies in its block.
  std::size_t within(std::int64_t record) const {
    return static_cast<std::size_t>((record - begin_) & ((std::int64_t{1} << shift_) - 1)) * bytes_;
  }

  std::size_t bytes_;
  int shift_ = 0;  // a block has room for 2^shift
  std::deque<std::vector<std::byte>> blocks_;
  std::int64_t begin_ = 0, first_ = 0, end_ = 0;  // of the first block; of what is held
};

}  // namespace crosstalk::replay
