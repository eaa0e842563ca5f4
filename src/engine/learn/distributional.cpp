#include "learn/distributional.hpp"

#include <ATen/ATen.h>

namespace crosstalk::learn {
namespace {

/// (N, 1, Z) int64: of outputs (N, A, Z) those of the chosen action (N, 1).
at::Tensor places(const at::Tensor& chosen, std::int64_t atoms) {
  return chosen.unsqueeze(2).expand({chosen.size(0), 1, atoms});
}

/// (N, Z): the logits of the chosen action.
at::Tensor of_action(const at::Tensor& output, const at::Tensor& chosen, std::int64_t atoms) {
  return output.view({output.size(0), -1, atoms}).gather(1, places(chosen, atoms)).squeeze(1);
}

}  // namespace

at::Tensor projected(const Bootstrap& bootstrap, const at::Tensor& following, const Atoms& atoms) {
  const at::Tensor numbers = atoms.numbers(following);
  const at::Tensor shifted =
      (bootstrap.rewards + bootstrap.going * bootstrap.discount * numbers).clamp(atoms.least, atoms.most);
  const at::Tensor place = (shifted - atoms.least) / atoms.apart();  // (N, Z), counted in atoms
  const at::Tensor atom = at::arange(atoms.count, following.options());
  const at::Tensor share = (1 - (place.unsqueeze(2) - atom).abs()).clamp_min(0);  // (N, from, to)
  return at::bmm(following.unsqueeze(1), share).squeeze(1);
}

void Distributional::aims(const data::Rows& rows, Passes& passes, Aims& aims) const {
  const replay::Trajectories& steps = replay::trajectories(*rows.table);
  const at::Tensor& like = passes.networks().of(Net::online).theta();
  const Values& values = settings_.values;
  const Bootstrap all =
      bootstrap(steps, rows.ids, settings_.gamma, settings_.timeout_ends, like, settings_.steps);
  steps.draw(all.last, data::At::after, passes.inputs());
  const at::Tensor& valued = passes.output(settings_.value, passes.inputs());
  const at::Tensor& selector =
      settings_.select == settings_.value ? valued : passes.output(settings_.select, passes.inputs());
  const at::Tensor best = largest(values_of(selector, values.atoms), values.heads);
  const at::Tensor following = at::softmax(of_action(valued, best, values.atoms->count), 1);
  aims.targets = projected(all, following, *values.atoms);
  aims.chosen = taken(steps, rows.ids, values, like);
}

void Distributional::pull(const at::Tensor& output, const Aims& aims, Over over, const at::Tensor& weights,
                          Pull& pull) const {
  const std::int64_t atoms = settings_.values.atoms->count;
  const at::Tensor logs = at::log_softmax(of_action(output, aims.chosen, atoms), 1);
  const at::Tensor slopes = logs.exp() * aims.targets.sum(1, true) - aims.targets;
  const at::Tensor cotangents = at::zeros_like(output)
                                    .view({output.size(0), -1, atoms})
                                    .scatter_(1, places(aims.chosen, atoms), slopes.unsqueeze(1))
                                    .view(output.sizes());
  pull.errors.reset();
  pull.losses = -(aims.targets * logs).sum(1);
  if (over == Over::batch)
    over_batch(pull.losses, cotangents, weights, pull);
  else
    pull.cotangent = cotangents;
}

}  // namespace crosstalk::learn
