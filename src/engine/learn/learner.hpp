#pragma once

#include <optional>

#include "learn/state.hpp"

namespace crosstalk::learn {

/// A loss with a target over a source of batches. Optimiser, network and theta are given to it; what it adds
/// is which batch, which target and which loss.
class Learner {
 public:
  virtual ~Learner() = default;
  /// One step: an update of theta or, for agents, a step in the environment and the update that may follow.
  /// The batch's loss before the update (not finite: training has diverged), nothing where there was none.
  virtual std::optional<double> advance() = 0;
  /// Everything that the next updates depend on.
  virtual void save(State& state) const = 0;
  virtual void load(const State& state) = 0;
};

}  // namespace crosstalk::learn
