#include "learn/seen.hpp"

#include <numeric>

namespace crosstalk::learn {
namespace {

void save_given(std::int64_t given, tensor::State& state) {
  state.positions["given"] = static_cast<std::uint64_t>(given);
}

void give(const replay::Trajectories& steps, data::Id first, data::Id end, Batch& batch) {
  batch.rows.table = &steps;
  batch.rows.ids.resize(static_cast<std::size_t>(end - first));
  std::iota(batch.rows.ids.begin(), batch.rows.ids.end(), first);
}

}  // namespace

bool Due::next(Batch& batch) {
  const std::int64_t newest = steps_.end() - 1;
  if (newest <= start_ || newest % every_ != 0 || given_ == steps_.end()) return false;
  given_ = steps_.end();
  return source_->next(batch);
}

void Due::save(tensor::State& state) const {
  save_given(given_, state);
  state.put("batches", tensor::saved(*source_));
}

void Due::load(const tensor::State& state) {
  given_ = state.count("given");
  source_->load(state.part("batches"));
}

bool Newest::next(Batch& batch) {
  if (given_ == steps_.end()) return false;
  give(steps_, given_, given_ + 1, batch);
  ++given_;
  return true;
}

void Newest::save(tensor::State& state) const { save_given(given_, state); }
void Newest::load(const tensor::State& state) { given_ = state.count("given"); }

bool Collected::next(Batch& batch) {
  if (steps_.going() || steps_.end() - given_ <= collect_) return false;
  give(steps_, given_, steps_.end(), batch);
  given_ = steps_.end();
  return true;
}

void Collected::save(tensor::State& state) const { save_given(given_, state); }
void Collected::load(const tensor::State& state) { given_ = state.count("given"); }

bool Replayed::next(Batch& batch) {
  if (settled()) return false;
  batch.opens = !steps_.neighbour(given_, -1);
  give(steps_, given_, given_ + 1, batch);
  ++given_;
  return true;
}

void Replayed::save(tensor::State& state) const { save_given(given_, state); }
void Replayed::load(const tensor::State& state) { given_ = state.count("given"); }

}  // namespace crosstalk::learn
