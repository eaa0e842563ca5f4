#include "learn/agent.hpp"

#include <ATen/ATen.h>

namespace crosstalk::learn {

at::Tensor actions_of(std::span<const Experience> steps, const at::Tensor& like) {
  at::Tensor actions = at::empty({static_cast<std::int64_t>(steps.size()), 2}, at::kLong);
  std::int64_t* to = actions.mutable_data_ptr<std::int64_t>();
  for (const Experience& step : steps) {
    *to++ = step.transition.guess;
    *to++ = step.transition.move;
  }
  return actions.to(like.device());
}

at::Tensor weights_of(std::span<const Experience> steps, const at::Tensor& like) {
  at::Tensor weights = at::empty({static_cast<std::int64_t>(steps.size())}, at::kDouble);
  double* to = weights.mutable_data_ptr<double>();
  for (const Experience& step : steps) *to++ = step.weight;
  return weights.to(like.options());
}

std::vector<env::View> views_before(std::span<const Experience> steps) {
  std::vector<env::View> views;
  for (const Experience& step : steps) views.push_back(step.transition.before());
  return views;
}

std::vector<env::View> views_after(std::span<const Experience> steps) {
  std::vector<env::View> views;
  for (const Experience& step : steps) views.push_back(step.transition.after());
  return views;
}

}  // namespace crosstalk::learn
