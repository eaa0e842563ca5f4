#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "measure/evidence.hpp"
#include "measure/needs.hpp"
#include "nn/network.hpp"

namespace crosstalk::measure {

/// What a probe looks at, at one moment.
struct Samples {
  at::Tensor inputs;  // (train + test, input): training samples first; undefined: none yet
  std::int64_t train = 0, test = 0;
  at::Tensor taken;  // (train + test, p): 1 at the outputs of the actions taken; undefined: no agent
  std::vector<std::int64_t> heads;  // sizes of the choices that the outputs divide into
  bool values = false;              // the outputs are values of actions
};

/// Who can be measured: a task with its network. It changes nothing of what training will do.
class Subject {
 public:
  virtual ~Subject() = default;
  virtual const nn::Network& network() const = 0;
  virtual const nn::Parameters& parameters() const = 0;
  /// Begins the measurement of a step; what the others say holds until the next. What they say does not
  /// depend on which of them are asked, or in which order.
  virtual void prepare(std::int64_t step) = 0;
  /// What `needs` wants of a split's errors; there may be more.
  virtual Errors errors(Split split, const Needs& needs) = 0;
  virtual const Samples& samples() = 0;
  /// (train + test, p): gradient of each sample's own loss at its outputs.
  virtual at::Tensor loss_cotangent(const at::Tensor& output) = 0;
};

}  // namespace crosstalk::measure
