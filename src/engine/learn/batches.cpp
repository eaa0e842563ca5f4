#include "learn/batches.hpp"

namespace crosstalk::learn {

Batches::Batches(const data::Examples& examples, std::int64_t size, std::uint64_t seed)
    : examples_(examples), stream_(seed, "batches"), drawn_(static_cast<std::size_t>(size)) {}

void Batches::next(Batch& batch) {
  const auto limit = static_cast<std::uint64_t>(examples_.size());
  for (std::int64_t& example : drawn_) example = static_cast<std::int64_t>(stream_.below(limit));
  examples_.gather(drawn_, batch.inputs, batch.targets);
}

void Batches::load(const State& state) { stream_.seek(state.position("batches")); }

}  // namespace crosstalk::learn
