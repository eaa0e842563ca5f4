#include "learn/lambda_error.hpp"

#include <ATen/ATen.h>

#include <numeric>

#include "learn/lambda_return.hpp"

namespace crosstalk::learn {

void LambdaError::aims(const data::Rows& rows, Passes& passes, Aims& aims) const {
  const replay::Trajectories& steps = replay::trajectories(*rows.table);
  const at::Tensor& like = passes.networks().of(Net::online).theta();
  const std::size_t heads = values().heads.size();
  at::Tensor targets = at::empty({rows.size(), static_cast<std::int64_t>(heads)}, at::kDouble);
  auto* to = targets.mutable_data_ptr<double>();
  replay::Trajectories::Episode episode{0, 0};
  std::vector<double> of_episode;
  for (const data::Id row : rows.ids) {
    if (row < episode.begin || row >= episode.end) {
      episode = steps.episode(row);
      of_episode = returns(steps, episode, passes);
    }
    const auto at = static_cast<std::size_t>(row - episode.begin) * heads;
    to = std::copy_n(of_episode.begin() + static_cast<std::ptrdiff_t>(at), heads, to);
  }
  aims.targets = targets.to(like.options());
  aims.chosen = taken(steps, rows.ids, values(), like);
}

std::vector<double> LambdaError::returns(const replay::Trajectories& steps,
                                         replay::Trajectories::Episode episode, Passes& passes) const {
  std::vector<data::Id> rows(static_cast<std::size_t>(episode.end - episode.begin));
  std::iota(rows.begin(), rows.end(), episode.begin);
  steps.draw(rows, data::At::after, passes.inputs());
  const at::Tensor& output = passes.output(net_, passes.inputs());
  const at::Tensor next = chosen_outputs(output, values().heads, largest(output, values().heads))
                              .to(at::kCPU, at::kDouble)
                              .contiguous();
  std::vector<double> rewards;
  for (const data::Id row : rows) rewards.push_back(steps[row].reward);
  std::vector<double> returns(static_cast<std::size_t>(next.numel()));
  lambda_returns(rewards, {next.const_data_ptr<double>(), returns.size()},
                 steps[episode.end - 1].terminated ? LastStep::terminal : LastStep::truncated, gamma_,
                 lambda_, returns);
  return returns;
}

bool LambdaError::defined(const data::Table& table, data::Id row) const {
  const replay::Trajectories& steps = replay::trajectories(table);
  return steps[steps.episode(row).end - 1].ended();
}

}  // namespace crosstalk::learn
