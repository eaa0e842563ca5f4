#include "learn/policy_gradient.hpp"

#include <ATen/ATen.h>

namespace crosstalk::learn {

SampleLoss policy_gradient(const at::Tensor& output, const Heads& heads, const at::Tensor& actions,
                           const at::Tensor& returns, double entropy) {
  at::Tensor losses = at::zeros({output.size(0)}, output.options());
  std::vector<at::Tensor> cotangents;
  std::int64_t first = 0;
  for (std::size_t h = 0; h < heads.size(); ++h) {
    const at::Tensor p = at::softmax(output.narrow(1, first, heads[h]), 1);
    const at::Tensor clamped = p.clamp_min(least_probability), logarithm = clamped.log();
    const at::Tensor action = actions.narrow(1, static_cast<std::int64_t>(h), 1);
    const at::Tensor weights = returns.unsqueeze(1);
    losses -= (logarithm.gather(1, action) * weights).squeeze(1);
    losses += (clamped * logarithm).sum(1) * entropy;
    // dJ / dp, then through the clamp, then through the softmax: dJ / dz_j = p_j (g_j - sum_k p_k g_k).
    at::Tensor slope = (logarithm + 1) * entropy;
    slope.scatter_add_(1, action, -(weights / clamped.gather(1, action)));
    slope = at::where(p >= least_probability, slope, 0);
    cotangents.push_back(p * (slope - (p * slope).sum(1, true)));
    first += heads[h];
  }
  return {losses, at::cat(cotangents, 1)};
}

std::vector<double> returns(const std::vector<double>& rewards, Return kind) {
  std::vector<double> sums(rewards.size());
  double sum = 0;
  for (std::size_t t = rewards.size(); t-- > 0;) sums[t] = sum += rewards[t];
  if (kind == Return::episode) std::fill(sums.begin(), sums.end(), sum);
  return sums;
}

void PolicyGradient::aims(const data::Rows& rows, Passes& passes, Aims& aims) const {
  const replay::Trajectories& steps = replay::trajectories(*rows.table);
  const at::Tensor& like = passes.networks().of(Net::online).theta();
  at::Tensor weights = at::empty({rows.size()}, at::kDouble);
  auto* to = weights.mutable_data_ptr<double>();
  replay::Trajectories::Episode episode{0, 0};
  std::vector<double> of_episode;
  for (const data::Id row : rows.ids) {
    if (row < episode.begin || row >= episode.end) {
      episode = steps.episode(row);
      std::vector<double> rewards;
      for (data::Id each = episode.begin; each < episode.end; ++each) rewards.push_back(steps[each].reward);
      of_episode = returns(rewards, weight_);
    }
    *to++ = of_episode[static_cast<std::size_t>(row - episode.begin)];
  }
  aims.targets = weights.to(like.options());
  aims.chosen = taken(steps, rows.ids, values_, like);
}

void PolicyGradient::pull(const at::Tensor& output, const Aims& aims, Over over, const at::Tensor& weights,
                          Pull& pull) const {
  const SampleLoss each = policy_gradient(output, values_.heads, aims.chosen, aims.targets, entropy_);
  pull.losses = each.losses;
  if (over == Over::batch)
    over_batch(each.losses, each.cotangents, weights, pull);
  else
    pull.cotangent = each.cotangents;
}

bool PolicyGradient::defined(const data::Table& table, data::Id row) const {
  return row < replay::trajectories(table).unfinished();
}

}  // namespace crosstalk::learn
