#include "learn/smoothed.hpp"

#include <ATen/ATen.h>

#include "learn/residual.hpp"

namespace crosstalk::learn {

Around around(const replay::Trajectories& steps, std::span<const data::Id> rows, const Bootstrap& bootstrap,
              double smoothing) {
  Around all;
  at::Tensor shares = at::empty({static_cast<std::int64_t>(rows.size()), 1}, at::kDouble);
  auto* share = shares.mutable_data_ptr<double>();
  for (const data::Id row : rows) {
    const std::optional<data::Id> before = steps.neighbour(row, -1);
    all.before.push_back(before.value_or(row));
    *share++ = before ? smoothing : 0;
  }
  shares = shares.to(bootstrap.rewards.options());
  all.discounts = at::cat({bootstrap.going * (1 - shares), shares}, 1) * bootstrap.discount;
  return all;
}

Smoothed::Smoothed(const Td::Settings& settings, double smoothing)
    : ChosenError(settings.values, settings.loss),
      gamma_(settings.gamma),
      smoothing_(smoothing),
      value_(settings.value),
      select_(settings.select),
      timeout_ends_(settings.timeout_ends) {
  if (value_ == Net::online)
    live_ = std::make_shared<Residual>(settings.values, Ahead{.gamma = gamma_, .timeout_ends = timeout_ends_},
                                       settings.loss, smoothing_);
}

void Smoothed::aims(const data::Rows& rows, Passes& passes, Aims& aims) const {
  const replay::Trajectories& steps = replay::trajectories(*rows.table);
  const at::Tensor& like = passes.networks().of(Net::online).theta();
  const Bootstrap all = bootstrap(steps, rows.ids, gamma_, timeout_ends_, like);
  const Around states = around(steps, rows.ids, all, smoothing_);
  const auto value = [&](std::span<const data::Id> of, data::At at) {
    steps.draw(of, at, passes.inputs());
    return best_values(passes, value_, select_, passes.inputs(), values().heads);
  };
  aims.targets = all.rewards + value(rows.ids, data::At::after) * states.discounts.narrow(1, 0, 1) +
                 value(states.before, data::At::before) * states.discounts.narrow(1, 1, 1);
  aims.chosen = taken(steps, rows.ids, values(), like);
}

}  // namespace crosstalk::learn
