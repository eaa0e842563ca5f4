#pragma once

#include <span>
#include <vector>

#include "env/images.hpp"
#include "env/windowed.hpp"
#include "learn/heads.hpp"
#include "nn/network.hpp"
#include "replay/transition.hpp"
#include "tensor/random.hpp"

namespace crosstalk::learn {

/// The best action by one row of outputs: the largest of each head, of equal ones the first.
env::Action greedy(std::span<const double> outputs, const Heads& heads);
/// An action drawn from each head's softmax; two numbers of the stream.
env::Action sampled(std::span<const double> outputs, const Heads& heads, tensor::Stream& stream);

/// Looks at views with a network: forward passes on a tape of their own.
class Actor {
 public:
  Actor(const nn::Network& network, const nn::Parameters& parameters)
      : network_(network), parameters_(parameters) {}
  /// (N, p) on the CPU in double precision, row by row; valid until the next call.
  std::span<const double> look(const env::Images& images, std::span<const env::View> views);

 private:
  const nn::Network& network_;
  const nn::Parameters& parameters_;
  nn::Tape tape_;
  at::Tensor observations_, outputs_;
};

/// An episode that was played, step by step; never aliased (Storing), whatever the agent stores.
struct Episode {
  std::vector<replay::Transition> steps;
  bool right = false, first_right = false;  // its last class, its first one
  double reward = 0;
};

/// Plays one episode of each of the first `count` images, side by side; `choose` turns a row of outputs into
/// an action, in the order of steps, then of images. A time-out counts as terminal unless `truncates`.
std::vector<Episode> play(Actor& actor, const env::Images& images, std::int64_t count, bool truncates,
                          const std::function<env::Action(std::span<const double>)>& choose);

}  // namespace crosstalk::learn
