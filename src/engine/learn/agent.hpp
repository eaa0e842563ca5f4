#pragma once

#include <span>
#include <vector>

#include "learn/acting.hpp"
#include "learn/learner.hpp"
#include "learn/sample_loss.hpp"

namespace crosstalk::learn {

/// A step that is learned from, with what weighs it: REINFORCE's return (Double DQN: 0, of no meaning).
struct Experience {
  replay::Transition transition;
  double weight = 0;
};

/// A learner that acts. What a probe asks of it does not change what it learns.
class Agent : public Learner {
 public:
  /// How it acts when it is judged: greedily, or by drawing from `stream`.
  virtual env::Action act(std::span<const double> outputs, tensor::Stream& stream) const = 0;
  /// The steps of an episode with the weights that it would learn with; their pictures are those before and
  /// after each step, also where it stores them aliased.
  virtual std::vector<Experience> weighed(const Episode& episode) const = 0;
  /// `count` different training steps to be measured (fewer where there are not so many); none before the
  /// first update.
  virtual std::vector<Experience> recent(std::int64_t count, tensor::Stream& stream) const = 0;
  /// Each step's own loss at the network's outputs (N, p) for it.
  virtual SampleLoss loss(std::span<const Experience> steps, const env::Images& images,
                          const at::Tensor& output) = 0;
  /// Whether its outputs are values of actions (else they are logits).
  virtual bool has_values() const = 0;
};

/// Transitions as tensors, in the type and on the device of `like` (N, p); actions (N, 2) are class and move.
at::Tensor actions_of(std::span<const Experience> steps, const at::Tensor& like);
at::Tensor weights_of(std::span<const Experience> steps, const at::Tensor& like);  // (N)
std::vector<env::View> views_before(std::span<const Experience> steps);
std::vector<env::View> views_after(std::span<const Experience> steps);

}  // namespace crosstalk::learn
