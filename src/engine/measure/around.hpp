#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <optional>
#include <string>

#include "measure/neighbours.hpp"

namespace crosstalk::measure {

/// How far it is looked along trajectories, and at which losses.
struct Reach {
  std::int64_t offsets = 0;         // probe.offsets: neighbours are at -offsets ... offsets
  std::int64_t others = 0;          // probe.others
  std::int64_t window = 0;          // probe.window: transitions one after the other
  std::vector<std::string> losses;  // probe.losses
};

/// What an update made of one loss; all (n) double, on the CPU. Where a row has no aim its numbers are 0.
struct Change {
  at::Tensor defined;    // whether a row has an aim, bool
  at::Tensor before;     // the loss before the update
  at::Tensor after;      // after it, the aims held, or moved with the network (Watch)
  at::Tensor predicted;  // of before - after, to first order: - grad L . (the step theta made); undefined:
                         // nobody asked
  at::Tensor second;     // the same to second order, - 1/2 step . H step more, H the loss's Hessian

  at::Tensor difference() const;  // before - after
};

/// An update and what lies around it.
struct Around {
  Neighbours near;                        // the minibatch S at offset 0, its neighbours N at the others
  std::vector<std::int64_t> others;       // O: other rows at random, by their places in near.rows
  std::map<std::string, Change> changes;  // of each loss at near.rows, by its word in probe.losses
  std::optional<Change> squares;          // of the squared TD error there, mean over choices, target held
};

}  // namespace crosstalk::measure
