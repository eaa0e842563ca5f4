#include "learn/td.hpp"

#include <ATen/ATen.h>

#include "learn/residual.hpp"

namespace crosstalk::learn {
namespace {

/// The last of `ahead` steps from this one on, or of its episode.
data::Id last_of(const replay::Trajectories& steps, data::Id row, std::int64_t ahead) {
  for (std::int64_t n = 1; n < ahead && !steps[row].ended() && steps.neighbour(row, 1); ++n) ++row;
  return row;
}

}  // namespace

Bootstrap bootstrap(const replay::Trajectories& steps, std::span<const data::Id> rows, double discount,
                    bool timeout_ends, const at::Tensor& like, std::int64_t ahead) {
  at::Tensor rewards = at::empty({static_cast<std::int64_t>(rows.size()), 1}, at::kDouble);
  at::Tensor going = at::empty_like(rewards);
  auto *reward = rewards.mutable_data_ptr<double>(), *goes = going.mutable_data_ptr<double>();
  std::vector<data::Id> all_last = last_steps(steps, rows, ahead);
  auto behind = all_last.cbegin();
  for (const data::Id row : rows) {
    const data::Id last = *behind++;
    double sum = steps[row].reward, weight = 1;
    for (data::Id next = row + 1; next <= last; ++next) sum += (weight *= discount) * steps[next].reward;
    *reward++ = sum;
    *goes++ = steps[last].terminated || (steps[last].truncated && timeout_ends) ? 0 : weight;
  }
  return {rewards.to(like.options()), going.to(like.options()), discount, std::move(all_last)};
}

std::vector<data::Id> last_steps(const replay::Trajectories& steps, std::span<const data::Id> rows,
                                 std::int64_t ahead) {
  std::vector<data::Id> all;
  for (const data::Id row : rows) all.push_back(last_of(steps, row, ahead));
  return all;
}

bool sees_ahead(const data::Table& table, data::Id row, std::int64_t ahead) {
  if (ahead == 1) return true;
  const replay::Trajectories& steps = replay::trajectories(table);
  return row < steps.unfinished() || ahead <= steps.end() - row;
}

at::Tensor td_targets(const Bootstrap& bootstrap, const at::Tensor& following) {
  return bootstrap.rewards + following * bootstrap.going * bootstrap.discount;
}

at::Tensor best_values(const at::Tensor& selector, const at::Tensor& values, const Heads& heads) {
  return chosen_outputs(values, heads, largest(selector, heads));
}

at::Tensor best_values(Passes& passes, Net value, Net select, const at::Tensor& inputs, const Heads& heads) {
  const at::Tensor& valued = passes.output(value, inputs);
  const at::Tensor& selector = select == value ? valued : passes.output(select, inputs);
  return best_values(selector, valued, heads);
}

void StepsError::aims(const data::Rows& rows, Passes& passes, Aims& aims) const {
  const replay::Trajectories& steps = replay::trajectories(*rows.table);
  const at::Tensor& like = passes.networks().of(Net::online).theta();
  const Bootstrap all = bootstrap(steps, rows.ids, ahead_.gamma, ahead_.timeout_ends, like, ahead_.steps);
  steps.draw(all.last, data::At::after, passes.inputs());
  aims.targets = td_targets(all, following(steps, all.last, passes.inputs(), passes));
  aims.chosen = taken(steps, rows.ids, values(), like);
}

bool StepsError::defined(const data::Table& table, data::Id row) const {
  if (!asks_for_the_next_action()) return sees_ahead(table, row, ahead_.steps);
  const replay::Trajectories& steps = replay::trajectories(table);
  if (row >= steps.unfinished()) return ahead_.steps < steps.end() - row;
  const data::Id last = last_of(steps, row, ahead_.steps);
  return steps[last].terminated || (!steps[last].truncated && steps.neighbour(last, 1));
}

Td::Td(const Settings& settings)
    : StepsError(settings.values, {settings.gamma, settings.steps, settings.timeout_ends}, settings.loss),
      value_(settings.value),
      select_(settings.select) {
  if (value_ == Net::online && settings.steps != all_steps)
    live_ = std::make_shared<Residual>(
        settings.values, Ahead{settings.gamma, settings.steps, settings.timeout_ends}, settings.loss);
}

std::optional<Objective::Behind> Td::behind(const data::Rows& rows, Net net, Passes& passes) const {
  const replay::Trajectories& steps = replay::trajectories(*rows.table);
  const at::Tensor& like = passes.networks().of(Net::online).theta();
  const Bootstrap all = bootstrap(steps, rows.ids, ahead().gamma, ahead().timeout_ends, like, ahead().steps);
  Behind behind;
  steps.draw(all.last, data::At::after, behind.inputs);
  const at::Tensor output = passes.output(net == Net::online ? net : select_, behind.inputs);
  const at::Tensor weights = (all.going * all.discount).expand({-1, std::ssize(values().heads)});
  behind.cotangent = at_chosen(output, values().heads, largest(output, values().heads), weights);
  return behind;
}

at::Tensor Td::following(const replay::Trajectories&, std::span<const data::Id>, const at::Tensor& inputs,
                         Passes& passes) const {
  return best_values(passes, value_, select_, inputs, values().heads);
}

}  // namespace crosstalk::learn
