#include "learn/td_error.hpp"

#include <ATen/ATen.h>

#include "base/error.hpp"

namespace crosstalk::learn {

ErrorLoss error_loss(LossKind kind) {
  switch (kind) {
    case LossKind::squared_error:
      return ErrorLoss::square;
    case LossKind::smooth_l1:
      return ErrorLoss::smooth_l1;
    case LossKind::huber:
      return ErrorLoss::huber;
    default:
      throw Error(ErrorKind::config, "learner.loss = \"" + std::string(word_for(losses, kind)) +
                                         "\" is none of a TD error: give \"squared-error\", \"smooth-l1\" or "
                                         "\"huber\"");
  }
}

ErrorLosses error_losses(const at::Tensor& errors, ErrorLoss loss) {
  switch (loss) {
    case ErrorLoss::square:
      return {errors * errors, errors * 2};
    case ErrorLoss::huber: {
      const at::Tensor size = errors.abs();
      return {at::where(size <= 1, errors * errors / 2, size - 0.5), errors.clamp(-1, 1)};
    }
    case ErrorLoss::half:
      return {errors * errors / 2, errors};
    case ErrorLoss::smooth_l1:
    default: {
      const at::Tensor size = errors.abs();
      return {at::minimum(errors * errors, size), at::where(size <= 1, errors * 2, errors.sign())};
    }
  }
}

at::Tensor error_curvatures(const at::Tensor& errors, ErrorLoss loss) {
  switch (loss) {
    case ErrorLoss::square:
      return at::full_like(errors, 2);
    case ErrorLoss::huber:
      return errors.abs().le(1).to(errors.scalar_type());
    case ErrorLoss::half:
      return at::ones_like(errors);
    case ErrorLoss::smooth_l1:
    default:
      return errors.abs().le(1).to(errors.scalar_type()).mul_(2);
  }
}

at::Tensor taken(const replay::Trajectories& steps, std::span<const data::Id> rows, const Values& values,
                 const at::Tensor& like) {
  const auto count = static_cast<std::int64_t>(rows.size());
  if (values.of_state) return at::zeros({count, 1}, like.options().dtype(at::kLong));
  at::Tensor actions = at::empty({count, static_cast<std::int64_t>(values.heads.size())}, at::kLong);
  auto* to = actions.mutable_data_ptr<std::int64_t>();
  for (const data::Id row : rows)
    for (const std::int64_t choice : steps.action(row)) *to++ = choice;
  return actions.to(like.device());
}

void over_batch(const at::Tensor& losses, const at::Tensor& cotangents, const at::Tensor& weights,
                Pull& pull) {
  if (weights.defined()) {
    pull.loss = (losses * weights).sum().item<double>();
    pull.cotangent = cotangents * weights.repeat({cotangents.size(0) / losses.size(0)}).unsqueeze(1);
  } else {
    pull.loss = losses.mean().item<double>();
    pull.cotangent = cotangents / static_cast<double>(losses.size(0));
  }
}

void ChosenError::pull(const at::Tensor& output, const Aims& aims, Over over, const at::Tensor& weights,
                       Pull& pull) const {
  pull.errors = chosen_outputs(output, values_.heads, aims.chosen) - aims.targets;
  const ErrorLosses each = error_losses(pull.errors, loss_);
  pull.losses = each.losses.sum(1);
  const at::Tensor cotangents = at_chosen(output, values_.heads, aims.chosen, each.slopes);
  if (over == Over::batch)
    over_batch(pull.losses, cotangents, weights, pull);
  else
    pull.cotangent = cotangents;
}

bool ChosenError::prediction(const at::Tensor& output, const Aims& aims, at::Tensor& slot) const {
  if (aims.chosen.size(1) != 1) return false;
  slot = at_chosen(output, values_.heads, aims.chosen, at::ones_like(aims.targets));
  return true;
}

at::Tensor ChosenError::curve(const at::Tensor& output, const Aims& aims, const at::Tensor& along) const {
  const at::Tensor errors = chosen_outputs(output, values_.heads, aims.chosen) - aims.targets;
  const at::Tensor at_each = at_chosen(output, values_.heads, aims.chosen, error_curvatures(errors, loss_));
  return along * at_each.unsqueeze(1);
}

}  // namespace crosstalk::learn
