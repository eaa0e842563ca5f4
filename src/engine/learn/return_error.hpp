#pragma once

#include "base/vocabulary.hpp"
#include "learn/td_error.hpp"

namespace crosstalk::learn {

/// Monte Carlo over stored trajectories, whose steps stay as they are: the error of a prediction against the
/// discounted return of its step,
///     d = f(s_t, a_t) - (r_t + gamma r_t+1 + ... + gamma^(T-t-1) r_T-1)
/// Where an episode was cut, gamma^(T-t) max_a Q(s_T, a) of the network itself comes on top, held: nothing
/// else is bootstrapped from. The returns are made once for a table, 16 bytes a step.
///
/// EpisodeEnd::leaking repeats a published mistake. The returns are summed from the last step of all to the
/// first and set to 0 after an episode's last step, not before it. So the last step's return goes on into the
/// episode that is stored behind it, and the reward at the end is in no other step's return. No cut is
/// bootstrapped from then. Output::max leads the largest output to the return, whatever was done.
class ReturnError final : public ChosenError {
 public:
  /// `timeout_ends`: nothing follows a cut either.
  ReturnError(Values values, double gamma, EpisodeEnd end, Output output, ErrorLoss loss,
              bool timeout_ends = false)
      : ChosenError(std::move(values), loss),
        gamma_(gamma),
        end_(end),
        output_(output),
        adds_what_follows_(end != EpisodeEnd::leaking && !timeout_ends) {}

  void aims(const data::Rows& rows, Passes& passes, Aims& aims) const override;

 private:
  void remember(const replay::Trajectories& steps) const;
  void add_what_follows_a_cut(const replay::Trajectories& steps, const data::Rows& rows, Passes& passes,
                              at::Tensor& targets) const;

  double gamma_;
  EpisodeEnd end_;
  Output output_;
  bool adds_what_follows_;  // a cut
  // Of the table that was asked for last, by its rows in their order: a pure function of it.
  mutable const replay::Trajectories* of_ = nullptr;
  mutable std::vector<double> returns_;  // of rewards alone
  mutable std::vector<data::Id> last_;   // the last step of a step's episode
};

}  // namespace crosstalk::learn
