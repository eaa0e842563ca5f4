#pragma once

#include "learn/td_error.hpp"

namespace crosstalk::learn {

/// The error of a prediction against the lambda-return of its step (learn/lambda_return.hpp), which
/// bootstraps from the largest output of each head by `net` (of states: from the one output). Over the whole
/// episode, as far as it is held: the same bits whichever of its steps is asked for. lambda = 1 is Monte
/// Carlo, lambda = 0 TD(0).
class LambdaError final : public ChosenError {
 public:
  LambdaError(Values values, double gamma, double lambda, Net net, ErrorLoss loss)
      : ChosenError(std::move(values), loss), gamma_(gamma), lambda_(lambda), net_(net) {}

  void aims(const data::Rows& rows, Passes& passes, Aims& aims) const override;
  /// Where the episode has ended.
  bool defined(const data::Table& table, data::Id row) const override;

 private:
  /// (T, H) of an episode's steps.
  std::vector<double> returns(const replay::Trajectories& steps, replay::Trajectories::Episode episode,
                              Passes& passes) const;

  double gamma_, lambda_;
  Net net_;
};

}  // namespace crosstalk::learn
