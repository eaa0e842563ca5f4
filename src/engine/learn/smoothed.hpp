#pragma once

#include "learn/td.hpp"

namespace crosstalk::learn {

/// From where a smoothed target bootstraps beside what follows a step, and what each of the two counts for.
struct Around {
  std::vector<data::Id> before;  // (N): the step before each; the step itself, for nothing, at a first one
  at::Tensor discounts;          // (N, 2): of v(s_t+1) and of v(s_t-1)
};
Around around(const replay::Trajectories& steps, std::span<const data::Id> rows, const Bootstrap& bootstrap,
              double smoothing);

/// Temporal regularisation (Thodoroff, Durand, Pineau and Precup 2018): what is bootstrapped from is mixed
/// with the value of the state before,
///     y_t = r_t + gamma ((1 - beta) v(s_t+1) + beta v(s_t-1))
/// Theirs are values of a policy, v = V; here v is that of the best action as in Td, chosen alike in both
/// states. Nothing follows a terminal step, v(s_t+1) = 0 there, and beta v(s_t-1) stays. Where no state
/// before is at hand (the first step of an episode, or of what the replay still holds of it) y_t is that of
/// Td. Of one step alone, and without their average over all earlier states of an episode.
class Smoothed final : public ChosenError {
 public:
  Smoothed(const Td::Settings& settings, double smoothing);

  void aims(const data::Rows& rows, Passes& passes, Aims& aims) const override;
  /// Where it bootstraps from the online network, the same error alive at all three states.
  const Objective* live() const override { return live_.get(); }

 private:
  double gamma_, smoothing_;
  Net value_, select_;
  bool timeout_ends_;
  std::shared_ptr<const Objective> live_;
};

}  // namespace crosstalk::learn
