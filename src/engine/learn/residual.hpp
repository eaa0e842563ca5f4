#pragma once

#include "learn/td.hpp"

namespace crosstalk::learn {

/// Residual gradients (Baird 1995): the TD error with its target alive,
///     J = sum_h loss(f(s, a) - r - gamma max_a' f(s', a')),
/// or against n steps of reward and what follows them, whose gradient is at s and at s'. The largest output
/// at s' is held as the choice that it is. With values of states f(s') is the one output. Smoothed (of one
/// step, learn/smoothed.hpp) it goes through the state before s, too. With random
/// transitions it minimises the mean square of one sample's TD error, not of the Bellman error (both next
/// states would have to be drawn anew).
class Residual final : public Objective {
 public:
  Residual(Values values, Ahead ahead, ErrorLoss loss, double smoothing = 0)
      : values_(std::move(values)), ahead_(ahead), loss_(loss), smoothing_(smoothing) {}

  bool looks_ahead() const override { return true; }
  /// (2 N, input): s, then s'; smoothed (3 N, input), then the states before s.
  void inputs(const data::Rows& rows, at::Tensor& slot) const override;
  void aims(const data::Rows& rows, Passes& passes, Aims& aims) const override;
  void pull(const at::Tensor& output, const Aims& aims, Over over, const at::Tensor& weights,
            Pull& pull) const override;
  bool defined(const data::Table& table, data::Id row) const override {
    return sees_ahead(table, row, ahead_.steps);
  }
  at::Tensor curve(const at::Tensor& output, const Aims& aims, const at::Tensor& along) const override;

 private:
  Values values_;
  Ahead ahead_;
  ErrorLoss loss_;
  double smoothing_;
};

}  // namespace crosstalk::learn
