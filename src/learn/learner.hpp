#pragma once

#include "learn/state.hpp"

namespace crosstalk::learn {

/// A loss with a target over a source of batches. Optimiser, network and theta are given to it; what it adds
/// is which batch, which target and which loss.
class Learner {
 public:
  virtual ~Learner() = default;
  /// One update of theta; the batch's loss before it (not finite: training has diverged).
  virtual double update() = 0;
  /// Everything that the next updates depend on.
  virtual void save(State& state) const = 0;
  virtual void load(const State& state) = 0;
};

}  // namespace crosstalk::learn
