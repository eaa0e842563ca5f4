#include "learn/residual.hpp"

#include <ATen/ATen.h>

#include "learn/learners.hpp"
#include "learn/smoothed.hpp"

namespace crosstalk::learn {

void Residual::inputs(const data::Rows& rows, at::Tensor& slot) const {
  const replay::Trajectories& steps = replay::trajectories(*rows.table);
  at::Tensor before, after;
  steps.draw(rows.ids, data::At::before, before);
  steps.draw(last_steps(steps, rows.ids, ahead_.steps), data::At::after, after);
  slot = at::cat({before, after});
  if (smoothing_ == 0) return;
  std::vector<data::Id> earlier;
  for (const data::Id row : rows.ids) earlier.push_back(steps.neighbour(row, -1).value_or(row));
  steps.draw(earlier, data::At::before, before);
  slot = at::cat({slot, before});
}

void Residual::aims(const data::Rows& rows, Passes& passes, Aims& aims) const {
  const replay::Trajectories& steps = replay::trajectories(*rows.table);
  const at::Tensor& like = passes.networks().of(Net::online).theta();
  const Bootstrap all = bootstrap(steps, rows.ids, ahead_.gamma, ahead_.timeout_ends, like, ahead_.steps);
  aims.targets = all.rewards;
  aims.discounts =
      smoothing_ == 0 ? all.going * ahead_.gamma : around(steps, rows.ids, all, smoothing_).discounts;
  aims.chosen = taken(steps, rows.ids, values_, like);
}

void Residual::pull(const at::Tensor& output, const Aims& aims, Over over, const at::Tensor& weights,
                    Pull& pull) const {
  const std::int64_t ends = aims.discounts.size(1), n = output.size(0) / (1 + ends);
  const auto discounts = [&](std::int64_t end) { return aims.discounts.narrow(1, end, 1); };
  const at::Tensor here = output.narrow(0, 0, n);
  pull.errors = chosen_outputs(here, values_.heads, aims.chosen) - aims.targets;
  std::vector<at::Tensor> best;
  for (std::int64_t end = 0; end < ends; ++end) {
    const at::Tensor there = output.narrow(0, (1 + end) * n, n);
    best.push_back(largest(there, values_.heads));
    pull.errors = pull.errors - chosen_outputs(there, values_.heads, best.back()) * discounts(end);
  }
  const ErrorLosses each = error_losses(pull.errors, loss_);
  pull.losses = each.losses.sum(1);
  std::vector<at::Tensor> all = {at_chosen(here, values_.heads, aims.chosen, each.slopes)};
  for (std::int64_t end = 0; end < ends; ++end)
    all.push_back(
        at_chosen(here, values_.heads, best[static_cast<std::size_t>(end)], -each.slopes * discounts(end)));
  const at::Tensor cotangents = at::cat(all);
  if (over == Over::samples)
    pull.cotangent = cotangents;
  else
    over_batch(pull.losses, cotangents, weights, pull);
}

/// The error moves by the sum over its states, and each of them is pulled by that.
at::Tensor Residual::curve(const at::Tensor& output, const Aims& aims, const at::Tensor& along) const {
  const std::int64_t states = 1 + aims.discounts.size(1), n = output.size(0) / states, k = along.size(1);
  Pull own;
  pull(output, aims, Over::samples, {}, own);
  at::Tensor moves = at::zeros({n * k, std::ssize(values_.heads)}, along.options());
  std::vector<at::Tensor> chosen, counts;  // of each state: the outputs, and what they count for in the error
  for (std::int64_t state = 0; state < states; ++state) {
    const at::Tensor there = output.narrow(0, state * n, n);
    const at::Tensor which = state == 0 ? aims.chosen : largest(there, values_.heads);
    chosen.push_back(which.repeat_interleave(k, 0));
    counts.push_back(state == 0 ? at::ones_like(aims.discounts.narrow(1, 0, 1))
                                : -aims.discounts.narrow(1, state - 1, 1));
    counts.back() = counts.back().repeat_interleave(k, 0);
    moves.add_(chosen_outputs(along.narrow(0, state * n, n).flatten(0, 1), values_.heads, chosen.back()) *
               counts.back());
  }
  moves.mul_(error_curvatures(own.errors, loss_).repeat_interleave(k, 0));
  std::vector<at::Tensor> all;
  for (std::size_t state = 0; state < chosen.size(); ++state)
    all.push_back(
        at_chosen(along.narrow(0, 0, n).flatten(0, 1), values_.heads, chosen[state], moves * counts[state])
            .unflatten(0, {n, k}));
  return at::cat(all);
}

/// learner.algorithm = "residual". In control it draws from a replay as Q-learning does, and from stored
/// trajectories minibatches; the values of a
/// policy it learns from each step as it comes, along half the gradient of d^2, so that learner.rate is the
/// step along d (grad f(s) - gamma grad f(s')).
AgentParts residual(const Ground& ground) {
  AgentParts parts{
      .objective = std::make_unique<Residual>(ground.values, Ahead{ground.settings.number("learner.gamma")},
                                              error_loss(ground.settings.word("learner.loss", losses)))};
  if (ground.kind == TaskKind::control || ground.lessons != nullptr) {
    parts.acting = epsilon_greedy(ground);
    parts.judged = greedy(ground);
    parts.keeping = ring(ground);
    parts.seen = replayed(ground);
  } else {
    parts.descent = std::make_unique<Descent>(half_of_square);
    parts.keeping = newest(ground);
    parts.seen = step_by_step();
  }
  return parts;
}

}  // namespace crosstalk::learn
