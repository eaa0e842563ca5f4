#pragma once

#include "base/settings.hpp"
#include "learn/life.hpp"
#include "learn/source.hpp"
#include "tensor/random.hpp"

namespace crosstalk::learn {

/// Minibatches of the steps of another agent's life, drawn with replacement from the stream "batches" of a
/// run's seed, when that agent's own updates were due: a tick stands for one of its steps, an update for one
/// of its updates (Due).
class Relived final : public Source {
 public:
  struct Settings {
    std::int64_t start, every;  // as of Due
    std::int64_t batch;
    /// So many of its latest steps can be drawn at each tick, as from its replay; 0: at each tick all that it
    /// ever made.
    std::int64_t replay;

    /// As learner.* and task.behaviour say.
    static Settings read(const crosstalk::Settings& settings);
  };
  /// `life` outlives it.
  Relived(Life& life, Settings settings, std::uint64_t seed)
      : life_(life), settings_(settings), stream_(seed, "batches") {}

  /// What can be drawn after so many ticks, of episodes that have an end.
  static replay::Trajectories::Episode reach(const replay::Trajectories& steps, std::int64_t ticks,
                                             std::int64_t replay);

  bool next(Batch& batch) override;
  void count(Clock& clock) const override { clock.steps = ticks_; }
  void save(tensor::State& state) const override;
  void load(const tensor::State& state) override;

 private:
  Life& life_;
  Settings settings_;
  tensor::Stream stream_;
  std::int64_t ticks_ = 0;
};

}  // namespace crosstalk::learn
