#pragma once

#include "learn/source.hpp"
#include "tensor/random.hpp"

namespace crosstalk::learn {

/// Minibatches of some rows of a table, drawn with replacement, each row with the same chance, from the
/// stream "batches" of a run's seed, or another. Runs of one seed whose rows are as many draw the same places
/// of them.
class Picked final : public Source {
 public:
  Picked(const data::Table& table, std::vector<data::Id> rows, std::int64_t size, std::uint64_t seed,
         std::string_view stream = "batches")
      : table_(table), rows_(std::move(rows)), size_(static_cast<std::size_t>(size)), stream_(seed, stream) {}

  bool next(Batch& batch) override {
    if (rows_.empty()) return false;
    batch.rows.table = &table_;
    batch.rows.ids.resize(size_);
    for (data::Id& row : batch.rows.ids) row = rows_[stream_.below(rows_.size())];
    return true;
  }
  void save(tensor::State& state) const override { state.positions["batches"] = stream_.position(); }
  void load(const tensor::State& state) override { stream_.seek(state.position("batches")); }

 private:
  const data::Table& table_;
  std::vector<data::Id> rows_;
  std::size_t size_;
  tensor::Stream stream_;
};

}  // namespace crosstalk::learn
