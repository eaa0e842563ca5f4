#pragma once

#include "replay/trajectories.hpp"
#include "tensor/state.hpp"

namespace crosstalk::learn {

/// The steps of another agent, which come to be when they are first asked for.
class Life {
 public:
  virtual ~Life() = default;
  /// Has it lived, which takes as long as a run does; nothing where it has.
  virtual void live() = 0;
  /// All of its steps, none before it has lived. They stay where they are.
  virtual const replay::Trajectories& steps() const = 0;

  virtual void save(tensor::State& state) const = 0;
  virtual void load(const tensor::State& state) = 0;
};

}  // namespace crosstalk::learn
