#pragma once

#include "learn/loss.hpp"
#include "learn/objective.hpp"

namespace crosstalk::learn {

/// Classification and regression: the target is what the table has beside each row as "label".
class Labels final : public Objective {
 public:
  explicit Labels(const Loss& loss) : loss_(loss) {}

  void aims(const data::Rows& rows, Passes& passes, Aims& aims) const override;
  void pull(const at::Tensor& output, const Aims& aims, Over over, const at::Tensor& weights,
            Pull& pull) const override;
  /// Where the loss is the square of one output's error.
  bool prediction(const at::Tensor& output, const Aims& aims, at::Tensor& slot) const override;
  at::Tensor curve(const at::Tensor& output, const Aims& aims, const at::Tensor& along) const override;

 private:
  const Loss& loss_;
};

}  // namespace crosstalk::learn
