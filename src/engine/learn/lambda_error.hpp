#pragma once

#include <limits>
#include <map>

#include "learn/td_error.hpp"

namespace crosstalk::learn {

/// The error of a prediction against the lambda-return of its step (learn/lambda_return.hpp), which
/// bootstraps from the largest output of each head by `net` (of states: from the one output). Over the whole
/// episode, as far as it is held: the same bits whichever of its steps is asked for. lambda = 1 is Monte
/// Carlo, lambda = 0 TD(0), with values of actions Q-learning.
class LambdaError final : public ChosenError {
 public:
  struct Ends {
    EpisodeEnd end = EpisodeEnd::paper;
    bool timeout = false;  // a cut ends an episode for the target too
  };
  static constexpr std::int64_t whole = std::numeric_limits<std::int64_t>::max();  // episodes at once
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
  /// Remembers the returns of these steps' episodes for as long as `net` stays as it is. Only where episodes
  /// give way whole: of the rest of one the same returns have other bits. The steps outlive it.
  void remember(const replay::Trajectories& own) { own_ = &own; }

  /// Where the episode has ended.
  bool defined(const data::Table& table, data::Id row) const override;

 private:
  /// (H) of each step of an episode, from `begin` on.
  struct Returns {
    data::Id begin = 0, end = 0;
    std::vector<double> values;
  };
  /// Those of this row's episode.
  const Returns& returns_around(const replay::Trajectories& steps, data::Id row, Passes& passes,
                                Returns& slot) const;
  /// (T, H) of an episode's steps.
  std::vector<double> returns(const replay::Trajectories& steps, replay::Trajectories::Episode episode,
                              Passes& passes) const;

  /// (T, H) double: the value behind each of an episode's steps.
  at::Tensor following(const replay::Trajectories& steps, replay::Trajectories::Episode episode,
                       Passes& passes) const;

  double gamma_, lambda_;
  Net net_;
  Ends ends_;
  std::int64_t block_;
  // What is remembered, by an episode's first row: a pure function of steps and network.
  const replay::Trajectories* own_ = nullptr;
  mutable std::int64_t version_ = -1;
  mutable std::map<data::Id, Returns> remembered_;
};

}  // namespace crosstalk::learn
