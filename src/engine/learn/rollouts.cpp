#include "learn/rollouts.hpp"

#include "base/error.hpp"
#include "data/subset.hpp"

namespace crosstalk::learn {

bool Rollouts::next(Batch& batch) {
  if (settled()) return false;
  const std::int64_t place = given_ % settings_.steps;
  if (place == 0) draw_order();
  const auto from = order_.cbegin() + place;
  const std::int64_t count = std::min(settings_.batch, settings_.steps - place);
  batch.opens = given_ == 0;
  batch.rows.table = &steps_;
  batch.rows.ids.assign(from, from + count);
  given_ += count;
  if (given_ == settings_.epochs * settings_.steps) {
    given_ = 0;
    ++done_;
  }
  return true;
}

void Rollouts::draw_order() {
  order_from_ = stream_.position();
  order_ = data::random_rows(settings_.steps, settings_.steps, stream_);
  for (data::Id& row : order_) row += first();
}

/// In the midst of a pass its order is drawn again on loading.
void Rollouts::save(tensor::State& state) const {
  state.positions["done"] = static_cast<std::uint64_t>(done_);
  state.positions["given"] = static_cast<std::uint64_t>(given_);
  state.positions["batches"] = given_ % settings_.steps == 0 ? stream_.position() : order_from_;
}

void Rollouts::load(const tensor::State& state) {
  done_ = state.count("done"), given_ = state.count("given");
  stream_.seek(state.position("batches"));
  if (given_ >= settings_.epochs * settings_.steps ||
      (given_ > 0 && (steps_.first() > first() || steps_.end() < first() + settings_.steps)))
    throw Error(ErrorKind::data, "the checkpoint's rollout is not among the steps that it holds");
  if (given_ % settings_.steps != 0) draw_order();
}

}  // namespace crosstalk::learn
