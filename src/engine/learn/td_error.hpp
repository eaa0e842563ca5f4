#pragma once

#include <numeric>

#include "base/vocabulary.hpp"
#include "learn/atoms.hpp"
#include "learn/heads.hpp"
#include "learn/objective.hpp"
#include "replay/trajectories.hpp"

namespace crosstalk::learn {

/// How a TD error d becomes a loss:
///     square d^2;  smooth_l1 min(d^2, |d|), which Bengio et al.'s code calls so: its
///     slope jumps from 2 to 1 at |d| = 1 (where it is taken as 2);  huber d^2 / 2 up to 1, |d| - 1/2 beyond;
///     half d^2 / 2, which nobody learns by: how interference evolves is asked of it (measure/evolution.hpp).
enum class ErrorLoss { square, smooth_l1, huber, half };
/// learner.loss of those who learn values: "squared-error" is the square.
ErrorLoss error_loss(LossKind kind);

/// The losses of errors d (N, H) and their slopes dJ / dd, element by element.
struct ErrorLosses {
  at::Tensor losses, slopes;
};
ErrorLosses error_losses(const at::Tensor& errors, ErrorLoss loss);
/// (N, H): the second derivatives d2J / dd2; where the slope jumps, that of the side it was taken from.
at::Tensor error_curvatures(const at::Tensor& errors, ErrorLoss loss);

/// How outputs are values of what was done.
struct Values {
  Heads heads;                      // sizes of the choices
  bool of_state = false;            // one output, the value of the state whatever was done; heads is {1}
  std::optional<Atoms> atoms = {};  // outputs are distributions, and their means are the values

  /// How many values there are.
  std::int64_t count() const { return std::accumulate(heads.begin(), heads.end(), std::int64_t{0}); }
};

/// (N, H) int64: the output of each choice that was taken in these steps, on the device of `like`.
at::Tensor taken(const replay::Trajectories& steps, std::span<const data::Id> rows, const Values& values,
                 const at::Tensor& like);

/// What all objectives with a target for each choice taken share, with d_h = f_h - y_h for the output f_h of
/// choice h:
///     J = sum_h loss(d_h)
/// They differ in their aims: targets (N, H) and chosen (N, H).
class ChosenError : public Objective {
 public:
  ChosenError(Values values, ErrorLoss loss) : values_(std::move(values)), loss_(loss) {}
  void pull(const at::Tensor& output, const Aims& aims, Over over, const at::Tensor& weights,
            Pull& pull) const override;
  bool prediction(const at::Tensor& output, const Aims& aims, at::Tensor& slot) const override;
  at::Tensor curve(const at::Tensor& output, const Aims& aims, const at::Tensor& along) const override;

 protected:
  const Values& values() const { return values_; }

 private:
  Values values_;
  ErrorLoss loss_;
};

/// The mean over a batch of N or, weighted, the sum; into pull.loss and pull.cotangent from the losses (N)
/// and cotangents (k N, p) of each sample.
void over_batch(const at::Tensor& losses, const at::Tensor& cotangents, const at::Tensor& weights,
                Pull& pull);

}  // namespace crosstalk::learn
