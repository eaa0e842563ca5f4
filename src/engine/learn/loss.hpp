#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/vocabulary.hpp"
#include "nn/layer.hpp"

namespace crosstalk::learn {

/// How well the predictor does that says the same of every row: the training rows' most frequent class (of
/// equally frequent ones the first), or the mean of each of their targets.
struct Constant {
  std::optional<double> accuracy, squared_error, squared_error_normalised;
};

/// How well a network does on the rows of a split. What does not belong to its loss is not there.
struct Errors {
  double loss = 0;                                 // mean over rows of J
  std::optional<double> accuracy;                  // share of rows whose largest output is their class
  std::optional<double> squared_error;             // mean over rows and outputs
  std::optional<double> squared_error_normalised;  // each output divided by its variance
};

/// Sums over the rows of a split that make its errors.
struct Tally {
  std::int64_t rows = 0, correct = 0;
  double loss = 0;
  std::vector<double> squared;               // of each output
  std::vector<double> predictions, answers;  // kept for broadcast errors alone
};

/// What a learner makes small: a number for each sample's outputs and target, with its gradient at the
/// outputs, by formula. No autograd. Plain loops on the CPU's fastest path, ATen otherwise.
class Loss {
 public:
  virtual ~Loss() = default;

  /// The batch's loss under the reduction, and its gradient at the outputs into `cotangent`, a slot that is
  /// reused. output (N, p); target (N) classes or (N, p) numbers.
  virtual double of_batch(const at::Tensor& output, const at::Tensor& target,
                          at::Tensor& cotangent) const = 0;

  /// (N, p): gradient of each sample's own loss J_n at its outputs, as if it were a batch of one.
  virtual at::Tensor sample_cotangents(const at::Tensor& output, const at::Tensor& target) const = 0;
  /// (N, K, p): the Hessian of each sample's own loss by its outputs, times `along` (N, K, p).
  virtual at::Tensor curve(const at::Tensor& output, const at::Tensor& along) const = 0;
  /// Whether it is the mean square of output minus target.
  virtual bool is_square() const { return false; }
  /// (N): each sample's own loss J_n.
  virtual at::Tensor sample_losses(const at::Tensor& output, const at::Tensor& target) const = 0;

  /// Adds the rows of a block to a tally, always on the CPU; then what the tally says. Sums in double.
  virtual void add(const at::Tensor& output, const at::Tensor& target, Tally& tally) const = 0;
  virtual Errors errors(const Tally& tally) const = 0;
};

/// J = log sum_k exp f_k - f_y
std::unique_ptr<Loss> cross_entropy(Reduction reduction, nn::Path path = nn::Path::fastest);

/// J = mean_k (f_k - y_k)^2; broadcast (p = 1): J of a batch = mean over n and m of (f_n - y_m)^2, under
/// "sum" N times that. `variance` (p) of the targets, as the network sees them, is for the normalised errors.
std::unique_ptr<Loss> squared_error(Reduction reduction, Targets targets, std::vector<double> variance,
                                    nn::Path path = nn::Path::fastest);

}  // namespace crosstalk::learn
