#include "replay/records.hpp"

#include <ATen/ATen.h>

#include <cstring>
#include <utility>

#include "base/draft.hpp"
#include "base/error.hpp"

namespace crosstalk::replay {
namespace {

[[noreturn]] void refuse(const std::string& why) {
  throw Error(ErrorKind::data, "the checkpoint's trajectories " + why);
}

Xxh3 digest_of(const std::byte* data, std::size_t bytes) {
  return xxh3({reinterpret_cast<const char*>(data), bytes});
}

}  // namespace

Records::Records(std::size_t bytes, std::filesystem::path folder, std::size_t block_bytes)
    : bytes_(bytes), folder_(std::move(folder)) {
  if (block_bytes == 0) block_bytes = folder_.empty() ? in_memory : in_files;
  while ((bytes_ << (shift_ + 1)) <= block_bytes) ++shift_;
}

/// Blocks begin at multiples of their length, so that a file's name says which records it has.
std::filesystem::path Records::file_of(std::int64_t begin) const {
  return folder_ / (std::to_string(begin) + ".records");
}

void Records::add_block() {
  Block block;
  if (folder_.empty()) {
    block.memory.resize(bytes_ << shift_);
    block.data = block.memory.data();
  } else {
    std::error_code failure;
    std::filesystem::create_directories(folder_, failure);
    if (failure) cannot_write(folder_, failure.value());
    block.file.emplace(MappedFile::make(file_of(begin_ + (std::ssize(blocks_) << shift_)), bytes_ << shift_));
    block.data = block.file->data();
  }
  blocks_.push_back(std::move(block));
}

void Records::drop_block() {
  if (blocks_.front().file) dropped_.push_back(blocks_.front().file->path());
  blocks_.pop_front();
  begin_ += std::int64_t{1} << shift_;
}

void Records::clear(std::int64_t first) {
  blocks_.clear();
  lent_.clear();
  begin_ = folder_.empty() ? first : first - first % (std::int64_t{1} << shift_);
  first_ = end_ = first;
  if (begin_ < first) add_block();
}

void Records::save(tensor::State& state) const {
  if (folder_.empty()) {
    at::Tensor all = at::empty({end_ - first_, static_cast<std::int64_t>(bytes_)}, at::kByte);
    auto* to = all.mutable_data_ptr<std::uint8_t>();
    for (std::int64_t i = first_; i < end_; ++i, to += bytes_) std::memcpy(to, (*this)[i], bytes_);
    state.tensors["observations"] = all;
    return;
  }
  at::Tensor segments = at::empty({std::ssize(blocks_), 3}, at::kLong);
  auto* to = segments.mutable_data_ptr<std::int64_t>();
  std::int64_t begin = begin_;
  for (const Block& block : blocks_) {
    const std::int64_t room = std::int64_t{1} << shift_, held = std::min(room, end_ - begin);
    if (!block.digest) block.file->sync(0, static_cast<std::size_t>(held) * bytes_);
    const Xxh3 digest =
        block.digest ? *block.digest : digest_of(block.data, static_cast<std::size_t>(held) * bytes_);
    if (held == room) block.digest = digest;
    *to++ = held;
    *to++ = static_cast<std::int64_t>(digest.high);
    *to++ = static_cast<std::int64_t>(digest.low);
    begin += room;
  }
  state.tensors["segments"] = segments;
  for (const std::filesystem::path& file : std::exchange(named_no_more_, std::exchange(dropped_, {}))) {
    std::error_code ignored;  // what stays is only space
    std::filesystem::remove(file, ignored);
  }
}

void Records::load(const tensor::State& state, std::int64_t first) {
  if (const auto segments = state.tensors.find("segments"); segments != state.tensors.end())
    load_segments(segments->second, first);
  else
    load_bytes(state.tensor("observations"), first);
}

void Records::load_bytes(const at::Tensor& saved, std::int64_t first) {
  if (saved.scalar_type() != at::kByte || saved.dim() != 2 ||
      saved.size(1) != static_cast<std::int64_t>(bytes_))
    refuse("do not hold records of " + std::to_string(bytes_) + " bytes");
  const at::Tensor whole = saved.contiguous();
  const auto* from = whole.const_data_ptr<std::uint8_t>();
  clear(first);
  for (std::int64_t i = 0; i < whole.size(0); ++i, from += bytes_) std::memcpy(add(), from, bytes_);
}

void Records::load_segments(const at::Tensor& saved, std::int64_t first) {
  if (folder_.empty()) refuse("lie in files of their own, and here they are to lie in memory");
  if (saved.scalar_type() != at::kLong || saved.dim() != 2 || saved.size(1) != 3)
    refuse("name their files in a way that cannot be read");
  const at::Tensor all = saved.contiguous();
  const auto* from = all.const_data_ptr<std::int64_t>();
  const std::int64_t room = std::int64_t{1} << shift_, files = all.size(0);
  blocks_.clear();
  begin_ = first - first % room;
  first_ = first;
  std::int64_t end = begin_;
  for (std::int64_t i = 0; i < files; ++i, from += 3) {
    if (from[0] < 0 || from[0] > room || (i + 1 < files && from[0] != room))
      refuse("name files of lengths that cannot be");
    Block block;
    block.file.emplace(MappedFile::open(file_of(end), bytes_ << shift_));
    block.data = block.file->data();
    const Xxh3 digest = digest_of(block.data, static_cast<std::size_t>(from[0]) * bytes_);
    if (static_cast<std::int64_t>(digest.high) != from[1] || static_cast<std::int64_t>(digest.low) != from[2])
      refuse("have a file that was altered: " + block.file->path().string());
    if (from[0] == room) block.digest = digest;
    blocks_.push_back(std::move(block));
    end += from[0];
  }
  if (end < first) refuse("hold fewer observations than they name");
  end_ = end;
}

}  // namespace crosstalk::replay
