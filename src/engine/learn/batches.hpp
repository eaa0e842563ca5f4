#pragma once

#include <vector>

#include "data/examples.hpp"
#include "learn/state.hpp"
#include "tensor/random.hpp"

namespace crosstalk::learn {

struct Batch {
  at::Tensor inputs;   // (N, input)
  at::Tensor targets;  // (N) or (N, outputs)
};

/// Minibatches drawn with replacement from the stream "batches" of a run's seed.
class Batches {
 public:
  Batches(const data::Examples& examples, std::int64_t size, std::uint64_t seed);
  /// The next batch into slots that are reused.
  void next(Batch& batch);

  void save(State& state) const { state.positions["batches"] = stream_.position(); }
  void load(const State& state);

 private:
  const data::Examples& examples_;
  tensor::Stream stream_;
  std::vector<std::int64_t> drawn_;
};

}  // namespace crosstalk::learn
