#include "learn/lambda_error.hpp"

#include <ATen/ATen.h>

#include <numeric>

#include "learn/lambda_return.hpp"

namespace crosstalk::learn {
namespace {

/// Bytes of observations that are shown to the network at once: 27,000 of a game are 3 GB.
constexpr std::int64_t most_shown = std::int64_t{64} << 20;

/// As many as one of these steps' observations goes into that; the slot holds one of them then.
std::int64_t rows_that_fit(const replay::Trajectories& steps, data::Id row, at::Tensor& slot) {
  steps.draw(std::span(&row, 1), data::At::after, slot);
  return std::max<std::int64_t>(1, most_shown / static_cast<std::int64_t>(slot.nbytes()));
}

}  // namespace

void LambdaError::aims(const data::Rows& rows, Passes& passes, Aims& aims) const {
  const replay::Trajectories& steps = replay::trajectories(*rows.table);
  const at::Tensor& like = passes.networks().of(Net::online).theta();
  const std::size_t heads = values().heads.size();
  at::Tensor targets = at::empty({rows.size(), static_cast<std::int64_t>(heads)}, at::kDouble);
  auto* to = targets.mutable_data_ptr<double>();
  Returns slot;
  for (const data::Id row : rows.ids) {
    const Returns& all = returns_around(steps, row, passes, slot);
    const auto at = static_cast<std::size_t>(row - all.begin) * heads;
    to = std::copy_n(all.values.begin() + static_cast<std::ptrdiff_t>(at), heads, to);
  }
  aims.targets = targets.to(like.options());
  aims.chosen = taken(steps, rows.ids, values(), like);
}

const LambdaError::Returns& LambdaError::returns_around(const replay::Trajectories& steps, data::Id row,
                                                        Passes& passes, Returns& slot) const {
  const auto make = [&](Returns& all) -> const Returns& {
    const Stretch stretch = around(steps, row);
    all = {stretch.begin, stretch.end, returns(steps, stretch, passes)};
    return all;
  };
  if (own_ != &steps || !defined(steps, row)) return row >= slot.begin && row < slot.end ? slot : make(slot);
  if (const std::int64_t version = passes.version(net_); version != version_) {
    remembered_.clear();
    version_ = version;
  }
  remembered_.erase(remembered_.begin(), remembered_.lower_bound(steps.first()));
  const auto behind = remembered_.upper_bound(row);
  if (behind != remembered_.begin() && row < std::prev(behind)->second.end) return std::prev(behind)->second;
  return make(remembered_[around(steps, row).begin]);
}

LambdaError::Stretch LambdaError::around(const replay::Trajectories& steps, data::Id row) const {
  const Stretch episode = steps.episode(row);
  if (ends_.rollout == whole) return episode;
  const data::Id first = row / ends_.rollout * ends_.rollout;
  return {std::max(episode.begin, first), std::min(episode.end, first + ends_.rollout)};
}

at::Tensor LambdaError::following(const replay::Trajectories& steps, Stretch stretch, Passes& passes) const {
  std::vector<at::Tensor> blocks;
  const std::int64_t block = std::min(block_, rows_that_fit(steps, stretch.begin, passes.inputs()));
  for (data::Id first = stretch.begin; first < stretch.end;) {
    const std::int64_t count = std::min(block, stretch.end - first);
    std::vector<data::Id> rows(static_cast<std::size_t>(count));
    std::iota(rows.begin(), rows.end(), first);
    steps.draw(rows, data::At::after, passes.inputs());
    const at::Tensor& output = passes.output(net_, passes.inputs());
    blocks.push_back(chosen_outputs(output, values().heads, largest(output, values().heads))
                         .to(at::kCPU, at::kDouble)
                         .contiguous());
    first += count;
  }
  return at::cat(blocks);
}

std::vector<double> LambdaError::returns(const replay::Trajectories& steps, Stretch stretch,
                                         Passes& passes) const {
  const at::Tensor next = following(steps, stretch, passes);
  std::vector<double> rewards;
  for (data::Id row = stretch.begin; row < stretch.end; ++row) rewards.push_back(steps[row].reward);
  std::vector<double> returns(static_cast<std::size_t>(next.numel()));
  const std::span<const double> next_values{next.const_data_ptr<double>(), returns.size()};
  const replay::Step& end = steps[stretch.end - 1];
  const bool ends = end.terminated || (end.truncated && ends_.timeout);
  const LastStep last = ends ? LastStep::terminal : LastStep::truncated;
  lambda_returns(rewards, next_values, last, gamma_, lambda_, returns);
  if (ends_.end == EpisodeEnd::underweighted)
    underweigh_longest(rewards, next_values, last, gamma_, lambda_, returns);
  return returns;
}

bool LambdaError::defined(const data::Table& table, data::Id row) const {
  const replay::Trajectories& steps = replay::trajectories(table);
  if (row < steps.unfinished()) return true;
  return ends_.rollout != whole && (row / ends_.rollout + 1) * ends_.rollout <= steps.end();
}

}  // namespace crosstalk::learn
