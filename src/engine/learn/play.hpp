#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "learn/networks.hpp"
#include "learn/policy.hpp"
#include "replay/trajectories.hpp"

namespace crosstalk::learn {

/// An episode that was played to be judged.
struct Played {
  double reward = 0;            // undiscounted sum
  std::optional<double> score;  // what the task itself counts, where it counts another number
  std::int64_t steps = 0;
  bool terminated = false;

  void add(const env::Outcome& outcome);
};

/// Plays one episode at each of these levels, side by side, with a policy that draws from `stream` in the
/// order of steps, then of levels. What was done goes into `steps`, episode after episode in the levels'
/// order, never aliased.
std::vector<Played> play(const std::function<std::unique_ptr<env::Environment>()>& environment,
                         std::span<const std::uint64_t> levels, const Policy& policy, Passes& passes,
                         tensor::Stream& stream, replay::Trajectories& steps);

/// The same one after the other in one environment, of which no more is kept than what is seen now: frames of
/// long episodes would be gigabytes.
std::vector<Played> play_in_turn(env::Environment& environment, std::span<const std::uint64_t> levels,
                                 const Policy& policy, Passes& passes, tensor::Stream& stream);

}  // namespace crosstalk::learn
