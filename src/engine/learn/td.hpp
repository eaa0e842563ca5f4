#pragma once

#include <limits>

#include "learn/td_error.hpp"

namespace crosstalk::learn {

/// As many steps as the episode has.
inline constexpr std::int64_t all_steps = std::numeric_limits<std::int64_t>::max();

/// What is earned in some steps, and where is bootstrapped from. By ATen alone, on any device: all of it is
/// (N, H) numbers beside passes through a network.
struct Bootstrap {
  at::Tensor rewards;  // (N, 1): r_t + gamma r_t+1 + ... of the steps that are looked at
  at::Tensor
      going;        // (N, 1): gamma for each of them but the first, so of one step 1; 0 where nothing follows
  double discount;  // gamma
  std::vector<data::Id> last = {};  // (N): the last of them, whose end is bootstrapped from
};

/// How far an error looks ahead.
struct Ahead {
  double gamma;
  std::int64_t steps = 1;     // n
  bool timeout_ends = false;  // nothing follows a time-out
};

/// Of these rows and the steps behind them, `ahead` in all, or to the episode's end; a truncated step goes on
/// unless `timeout_ends`.
Bootstrap bootstrap(const replay::Trajectories& steps, std::span<const data::Id> rows, double discount,
                    bool timeout_ends, const at::Tensor& like, std::int64_t ahead = 1);

/// The last of `ahead` steps from each of these rows on, or of its episode.
std::vector<data::Id> last_steps(const replay::Trajectories& steps, std::span<const data::Id> rows,
                                 std::int64_t ahead);

/// Whether the steps that are looked at from a row on have been seen: `ahead` of them, or all to the end of
/// its episode.
bool sees_ahead(const data::Table& table, data::Id row, std::int64_t ahead);

/// (N, H): each head's target, y = r + gamma v, v (N, H) of what follows.
at::Tensor td_targets(const Bootstrap& bootstrap, const at::Tensor& following);

/// (N, H): what `values` (N, p) say of the best action of each head by `selector` (N, p).
at::Tensor best_values(const at::Tensor& selector, const at::Tensor& values, const Heads& heads);
/// The same at `inputs` (N, input), of these networks.
at::Tensor best_values(Passes& passes, Net value, Net select, const at::Tensor& inputs, const Heads& heads);

/// The error against n steps of reward and the value v of what follows them, its target held: semi-gradients,
///     d = f(s_t, a_t) - (r_t + gamma r_t+1 + ... + gamma^(n-1) r_t+n-1 + gamma^n v)
/// It stops where the episode ends: nothing follows a terminal step, and a truncated one is bootstrapped from
/// where it was cut. For n > 1 nothing is made of it that the actions between were of an older policy. A row
/// whose n steps have not been seen yet has no aim.
class StepsError : public ChosenError {
 public:
  using Ahead = learn::Ahead;
  StepsError(Values values, Ahead ahead, ErrorLoss loss)
      : ChosenError(std::move(values), loss), ahead_(ahead) {}

  void aims(const data::Rows& rows, Passes& passes, Aims& aims) const final;
  bool defined(const data::Table& table, data::Id row) const final;

 protected:
  /// (N, H): v behind each of these steps, whose ends are `inputs` (N, input). Where nothing follows, any
  /// number.
  virtual at::Tensor following(const replay::Trajectories& steps, std::span<const data::Id> last,
                               const at::Tensor& inputs, Passes& passes) const = 0;
  /// Whether v is of the action taken next, which has to be known then.
  virtual bool asks_for_the_next_action() const { return false; }

 protected:
  const Ahead& ahead() const { return ahead_; }

 private:
  Ahead ahead_;
};

/// v of the best action: V(s) with values of states; Q-learning with those of actions. What is bootstrapped
/// from is `value`, and `select` chooses the next action: the same network (its maximum), or the online one
/// (Double DQN, van Hasselt et al. 2016).
class Td final : public StepsError {
 public:
  struct Settings {
    Values values;
    double gamma;
    Net value = Net::target, select = Net::target;
    bool timeout_ends = false;
    ErrorLoss loss = ErrorLoss::smooth_l1;
    std::int64_t steps = 1;
  };
  explicit Td(const Settings& settings);

  /// Where it bootstraps from the online network, the residual error. Not that of a return, where what is
  /// bootstrapped from is the end of an episode that was cut, if anything.
  const Objective* live() const override { return live_.get(); }
  /// Of `online` the action is chosen by it too, whoever chooses in the aims.
  std::optional<Behind> behind(const data::Rows& rows, Net net, Passes& passes) const override;
  Net bootstraps_from() const override { return value_; }

 private:
  at::Tensor following(const replay::Trajectories& steps, std::span<const data::Id> last,
                       const at::Tensor& inputs, Passes& passes) const override;

  Net value_, select_;
  std::shared_ptr<const Objective> live_;
};

}  // namespace crosstalk::learn
