#include "learn/td.hpp"

#include <ATen/ATen.h>

namespace crosstalk::learn {

Bootstrap bootstrap(const replay::Trajectories& steps, std::span<const data::Id> rows, double discount,
                    bool timeout_ends, const at::Tensor& like) {
  at::Tensor rewards = at::empty({static_cast<std::int64_t>(rows.size()), 1}, at::kDouble);
  at::Tensor going = at::empty_like(rewards);
  auto *reward = rewards.mutable_data_ptr<double>(), *goes = going.mutable_data_ptr<double>();
  for (const data::Id row : rows) {
    const replay::Step& step = steps[row];
    *reward++ = step.reward;
    *goes++ = step.terminated || (step.truncated && timeout_ends) ? 0 : 1;
  }
  return {rewards.to(like.options()), going.to(like.options()), discount};
}

at::Tensor td_targets(const Bootstrap& bootstrap, const at::Tensor& selector, const at::Tensor& target_output,
                      const Heads& heads) {
  const at::Tensor next = chosen_outputs(target_output, heads, largest(selector, heads));
  return bootstrap.rewards + next * bootstrap.going * bootstrap.discount;
}

void Td::aims(const data::Rows& rows, Passes& passes, Aims& aims) const {
  const replay::Trajectories& steps = replay::trajectories(*rows.table);
  steps.draw(rows.ids, data::At::after, passes.inputs());
  const at::Tensor& valued = passes.output(settings_.value, passes.inputs());
  const at::Tensor& selector =
      settings_.select == settings_.value ? valued : passes.output(settings_.select, passes.inputs());
  aims.targets = td_targets(bootstrap(steps, rows.ids, settings_.gamma, settings_.timeout_ends, valued),
                            selector, valued, values().heads);
  aims.chosen = taken(steps, rows.ids, values(), valued);
}

}  // namespace crosstalk::learn
