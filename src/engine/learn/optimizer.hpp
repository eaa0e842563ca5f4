#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/settings.hpp"
#include "nn/layer.hpp"

namespace crosstalk::learn {

struct OptimizerSettings {
  OptimizerKind kind;
  double rate;
  double momentum;      // momentum alone
  double weight_decay;  // added to the gradient as weight_decay * theta, by all
  double beta1, beta2;  // adam alone
  double alpha;         // rmsprop alone
  double epsilon;       // rmsprop and adam
  double clip = 0;      // the most that the gradient's norm is; 0: as it is
};

/// learner.optimizer and what it heeds.
OptimizerSettings optimizer_settings(const Settings& settings);

/// torch.optim's SGD (momentum without dampening or Nesterov), RMSprop (neither centred nor with momentum)
/// and Adam (L2 weight decay, no AMSGrad), over one flat theta (P). One fused loop each on the
/// CPU's fastest path, ATen otherwise.
class Optimizer {
 public:
  using State = std::map<std::string, at::Tensor>;
  virtual ~Optimizer() = default;

  /// theta (P) moves in place by one step along gradient (P); both contiguous, of the type and device that
  /// the optimiser was made for. The fused loops do not allocate.
  virtual void step(const at::Tensor& theta, const at::Tensor& gradient) = 0;

  /// The moving average of gradients mu (P) of momentum: mu = (1 - beta) gradient + beta mu of the update
  /// before, with theta' = theta - rate / (1 - beta) mu; undefined: it keeps none.
  struct Average {
    double beta = 0;
    at::Tensor gradients;
  };
  virtual Average average() const { return {}; }

  /// What a checkpoint holds: flat vectors (P) and "steps" (int64, one number). The tensors are the live
  /// ones: write or clone them before the next step.
  virtual State save() const = 0;
  /// Copies a saved state in; Error(data) when a tensor is missing or of another size or type.
  virtual void load(const State& state) = 0;
};

/// Where it clips, a gradient whose norm is above `clip` is first scaled by clip / (norm + 1e-6), as
/// torch.nn.utils.clip_grad_norm_ does; weight decay comes behind it. State begins at 0, in the size, type
/// and device of theta (P).
std::unique_ptr<Optimizer> make_optimizer(const OptimizerSettings& settings, const at::Tensor& theta,
                                          nn::Path path = nn::Path::fastest);

}  // namespace crosstalk::learn
