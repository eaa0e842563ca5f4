#include "learn/return_error.hpp"

#include <ATen/ATen.h>

#include <cmath>

#include "learn/td.hpp"

namespace crosstalk::learn {

void ReturnError::remember(const replay::Trajectories& steps) const {
  if (of_ == &steps) return;
  of_ = &steps;
  returns_.resize(static_cast<std::size_t>(steps.size()));
  last_.resize(returns_.size());
  const bool leaks = end_ == EpisodeEnd::leaking;
  double sum = 0;
  data::Id last = steps.end();
  for (data::Id row = steps.end(); row-- > steps.first();) {
    const bool ends = !steps.neighbour(row, 1);
    if (ends) last = row;
    if (ends && !leaks) sum = 0;
    sum = steps[row].reward + gamma_ * sum;
    const auto place = static_cast<std::size_t>(row - steps.first());
    returns_[place] = sum;
    last_[place] = last;
    if (ends && leaks) sum = 0;
  }
}

void ReturnError::add_what_follows_a_cut(const replay::Trajectories& steps, const data::Rows& rows,
                                         Passes& passes, at::Tensor& targets) const {
  std::vector<data::Id> last;
  std::vector<std::int64_t> places;
  std::vector<double> discounts;
  for (std::int64_t i = 0; i < rows.size(); ++i) {
    const data::Id row = rows.ids[static_cast<std::size_t>(i)];
    const data::Id end = last_[static_cast<std::size_t>(row - steps.first())];
    if (steps[end].terminated) continue;
    last.push_back(end);
    places.push_back(i);
    discounts.push_back(std::pow(gamma_, static_cast<double>(end - row + 1)));
  }
  if (last.empty()) return;
  steps.draw(last, data::At::after, passes.inputs());
  const at::Tensor& output = passes.output(Net::online, passes.inputs());
  const at::Tensor follows = best_values(output, output, values().heads) *
                             at::tensor(discounts, at::kDouble).unsqueeze(1).to(output.options());
  targets.index_add_(0, at::tensor(places, at::kLong).to(output.device()), follows);
}

void ReturnError::aims(const data::Rows& rows, Passes& passes, Aims& aims) const {
  const replay::Trajectories& steps = replay::trajectories(*rows.table);
  remember(steps);
  const at::Tensor& like = passes.networks().of(Net::online).theta();
  std::vector<double> sums;
  for (const data::Id row : rows.ids) sums.push_back(returns_[static_cast<std::size_t>(row - steps.first())]);
  aims.targets = at::tensor(sums, at::kDouble)
                     .unsqueeze(1)
                     .expand({rows.size(), static_cast<std::int64_t>(values().heads.size())})
                     .to(like.options(), /*non_blocking=*/false, /*copy=*/true)
                     .contiguous();
  if (adds_what_follows_) add_what_follows_a_cut(steps, rows, passes, aims.targets);
  if (output_ == Output::max) {
    steps.draw(rows.ids, data::At::before, passes.inputs());
    aims.chosen = largest(passes.output(Net::online, passes.inputs()), values().heads);
  } else {
    aims.chosen = taken(steps, rows.ids, values(), like);
  }
}

}  // namespace crosstalk::learn
