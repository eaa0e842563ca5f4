#pragma once

#include <limits>
#include <map>

#include "learn/td_error.hpp"

namespace crosstalk::learn {

/// The error of a prediction against the lambda-return of its step (learn/lambda_return.hpp), which
/// bootstraps from the largest output of each head by `net` (of states: from the one output). Over the whole
/// episode, as far as it is held, or over what of it is in one rollout: the same bits whichever of these
/// steps is asked for. lambda = 1 is Monte Carlo, lambda = 0 TD(0), with values of actions Q-learning.
class LambdaError final : public ChosenError {
 public:
  static constexpr std::int64_t whole = std::numeric_limits<std::int64_t>::max();  // episodes at once
  struct Ends {
    EpisodeEnd end = EpisodeEnd::paper;
    bool timeout = false;          // a cut ends an episode for the target too
    std::int64_t rollout = whole;  // of so many steps, from step 0 on: its end cuts what goes on beyond it
  };
  /// `block`: so many steps of an episode are shown to the network at once, from its beginning on.
  LambdaError(Values values, double gamma, double lambda, Net net, ErrorLoss loss, Ends ends,
              std::int64_t block = whole)
      : ChosenError(std::move(values), loss),
        gamma_(gamma),
        lambda_(lambda),
        net_(net),
        ends_(ends),
        block_(block) {}

  void aims(const data::Rows& rows, Passes& passes, Aims& aims) const override;
  /// Remembers the returns of these steps' episodes for as long as `net` stays as it is, and none of their
  /// steps gives way: of the rest of an episode the same returns have other bits. The steps outlive it.
  void remember(const replay::Trajectories& own) { own_ = &own; }

  /// Where the episode has ended, or the rollout.
  bool defined(const data::Table& table, data::Id row) const override;

 private:
  using Stretch = replay::Trajectories::Episode;
  /// The steps of this row's episode and rollout.
  Stretch around(const replay::Trajectories& steps, data::Id row) const;
  /// (H) of each step of a stretch, from `begin` on.
  struct Returns {
    data::Id begin = 0, end = 0;
    std::vector<double> values;
  };
  /// Those of this row's stretch.
  const Returns& returns_around(const replay::Trajectories& steps, data::Id row, Passes& passes,
                                Returns& slot) const;
  /// (T, H) of a stretch's steps.
  std::vector<double> returns(const replay::Trajectories& steps, Stretch stretch, Passes& passes) const;

  /// (T, H) double: the value behind each of a stretch's steps.
  at::Tensor following(const replay::Trajectories& steps, Stretch stretch, Passes& passes) const;

  double gamma_, lambda_;
  Net net_;
  Ends ends_;
  std::int64_t block_;
  // What is remembered, by a stretch's first row: a pure function of steps and network.
  const replay::Trajectories* own_ = nullptr;
  mutable std::int64_t version_ = -1;
  mutable std::map<data::Id, Returns> remembered_;
};

}  // namespace crosstalk::learn
