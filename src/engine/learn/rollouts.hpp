#pragma once

#include "learn/source.hpp"
#include "replay/trajectories.hpp"
#include "tensor/random.hpp"

namespace crosstalk::learn {

/// Rollouts of `steps` steps, one behind the other. When one is full, `epochs` passes over it in minibatches:
/// a round of updates. In a pass each step comes once, in an order that is drawn from the stream "batches" of
/// a run's seed; where `batch` does not divide the rollout, its last minibatch is smaller. No step is given
/// again after its round.
class Rollouts final : public Source {
 public:
  struct Settings {
    std::int64_t steps, epochs, batch;
  };
  /// The steps outlive it, and hold a rollout at least.
  Rollouts(const replay::Trajectories& steps, Settings settings, std::uint64_t seed)
      : steps_(steps), settings_(settings), stream_(seed, "batches") {}

  bool next(Batch& batch) override;
  bool settled() const override { return steps_.end() < first() + settings_.steps; }
  void save(tensor::State& state) const override;
  /// Error(data) where the steps do not hold the rollout that is learned from.
  void load(const tensor::State& state) override;

 private:
  data::Id first() const { return done_ * settings_.steps; }  // of the rollout that is collected or gone over
  void draw_order();

  const replay::Trajectories& steps_;
  Settings settings_;
  tensor::Stream stream_;
  std::int64_t done_ = 0;                    // rollouts
  std::int64_t given_ = 0;                   // rows of the round, over all of its passes
  std::vector<data::Id> order_;              // of the pass
  tensor::Stream::Position order_from_ = 0;  // where the stream stood when it was drawn
};

}  // namespace crosstalk::learn
