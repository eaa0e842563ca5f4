#pragma once

#include "learn/source.hpp"
#include "tensor/random.hpp"

namespace crosstalk::learn {

/// Minibatches of a table, drawn with replacement from the stream "batches" of a run's seed.
class Minibatches final : public Source {
 public:
  Minibatches(const data::Table& table, std::int64_t size, std::uint64_t seed)
      : table_(table), size_(static_cast<std::size_t>(size)), stream_(seed, "batches") {}

  bool next(Batch& batch) override {
    batch.rows.table = &table_;
    batch.rows.ids.resize(size_);
    const auto held = static_cast<std::uint64_t>(table_.size());
    for (data::Id& row : batch.rows.ids) row = table_.drawn(static_cast<std::int64_t>(stream_.below(held)));
    return true;
  }
  void save(tensor::State& state) const override { state.positions["batches"] = stream_.position(); }
  void load(const tensor::State& state) override { stream_.seek(state.position("batches")); }

 private:
  const data::Table& table_;
  std::size_t size_;
  tensor::Stream stream_;
};

}  // namespace crosstalk::learn
