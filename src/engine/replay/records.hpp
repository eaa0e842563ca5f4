#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/xxh3.hpp"
#include "replay/mapped_file.hpp"
#include "tensor/state.hpp"

namespace crosstalk::replay {

/// Whether so many observations are too many bytes for memory, and for a checkpoint to copy each time.
constexpr bool belong_in_files(std::int64_t count, std::size_t bytes) {
  return static_cast<double>(count) * static_cast<double>(bytes) > double{1 << 26};
}

/// Records of one size, numbered for life: added at the end, dropped at the front. They lie side by side in
/// blocks, so that what comes and goes at each step asks the allocator for nothing. The blocks are memory, or
/// files of a folder: then a checkpoint names them with their lengths and does not hold them, and the process
/// has no memory of its own for them. Before them may stand records that lie elsewhere and stay.
class Records {
 public:
  static constexpr std::size_t in_memory = 1 << 16, in_files = 1 << 26;  // bytes of a block, at most

  /// Those of a folder, if it is not empty, are files there, of which this object is the only user.
  explicit Records(std::size_t bytes, std::filesystem::path folder = {}, std::size_t block_bytes = 0);

  std::int64_t first() const { return first_; }
  std::int64_t end() const { return end_; }
  /// Room for one more, to be written by the caller. Unwritten where it is on a disk that is full.
  std::byte* add() {
    if (end_ - begin_ == std::ssize(blocks_) << shift_) add_block();
    return blocks_.back().data + within(end_++);
  }
  /// `count` records that lie side by side at `from`, behind those lent before and ahead of any that is
  /// added. They must stay there as long as these do.
  void lend(const std::byte* from, std::int64_t count) {
    lent_.push_back({end_, from});
    begin_ = end_ += count;
  }
  const std::byte* operator[](std::int64_t record) const {
    if (record < begin_) return lent(record);
    return blocks_[static_cast<std::size_t>((record - begin_) >> shift_)].data + within(record);
  }
  void drop_until(std::int64_t first) {
    first_ = std::max(first_, first);
    while (first_ - begin_ >= std::int64_t{1} << shift_) drop_block();
  }

  /// None, and the next one is numbered `first`.
  void clear(std::int64_t first);

  /// In memory: "observations" (n, bytes) uint8. In files: "segments" (k, 3) int64, of each file from the
  /// first that is needed how many of its records count and their digest; they are on the disk when it
  /// returns. A file that went before the save before this one is removed: no checkpoint names it any more.
  void save(tensor::State& state) const;
  /// The first of them is numbered `first`. Error(data) where they are damaged, gone, or of another size.
  void load(const tensor::State& state, std::int64_t first);

 private:
  struct Block {
    std::vector<std::byte> memory;
    std::optional<MappedFile> file;
    std::byte* data = nullptr;
    mutable std::optional<Xxh3> digest = std::nullopt;  // of all of it, once it is full and saved
  };

  /// Where a record lies in its block.
  std::size_t within(std::int64_t record) const {
    return static_cast<std::size_t>((record - begin_) & ((std::int64_t{1} << shift_) - 1)) * bytes_;
  }
  struct Lent {
    std::int64_t first;
    const std::byte* from;
  };
  const std::byte* lent(std::int64_t record) const {
    const auto after =
        std::upper_bound(lent_.begin(), lent_.end(), record,
                         [](std::int64_t number, const Lent& lent) { return number < lent.first; });
    return (after - 1)->from + static_cast<std::size_t>(record - (after - 1)->first) * bytes_;
  }
  void add_block();
  void drop_block();
  std::filesystem::path file_of(std::int64_t begin) const;
  void load_bytes(const at::Tensor& saved, std::int64_t first);
  void load_segments(const at::Tensor& saved, std::int64_t first);

  std::size_t bytes_;
  std::filesystem::path folder_;
  int shift_ = 0;  // a block has room for 2^shift
  std::deque<Block> blocks_;
  std::vector<Lent> lent_;
  std::int64_t begin_ = 0, first_ = 0, end_ = 0;  // of the first block; of what is held
  // Files that were dropped: since the last save, and before it.
  mutable std::vector<std::filesystem::path> dropped_, named_no_more_;
};

}  // namespace crosstalk::replay
