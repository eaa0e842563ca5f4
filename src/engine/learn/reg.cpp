#include <ATen/ATen.h>

#include "learn/measured.hpp"

/// Regression to the values of who played the stored trajectories (the paper's L_reg, section 5): all outputs
/// at a step's observation,
///     J = mean_a loss(Q(s, a) - Q*(s, a))
/// With values of states, where it is only measured, J = loss(V(s) - max_a Q*(s, a)). Nothing is bootstrapped
/// from, and what was done counts for nothing.
namespace crosstalk::learn {
namespace {

class ValuesError final : public Objective {
 public:
  ValuesError(const Lessons& lessons, bool of_state, ErrorLoss loss)
      : known_(lessons.known), of_state_(of_state), loss_(loss) {}

  void aims(const data::Rows& rows, Passes& passes, Aims& aims) const override {
    const at::Tensor& like = passes.networks().of(Net::online).theta();
    const at::Tensor known = known_(rows, data::At::before).to(like.options());
    aims.targets = of_state_ ? known.amax(1, true) : known;
  }
  void pull(const at::Tensor& output, const Aims& aims, Over over, const at::Tensor& weights,
            Pull& pull) const override {
    pull.errors = output - aims.targets;
    const ErrorLosses each = error_losses(pull.errors, loss_);
    pull.losses = each.losses.mean(1);
    const at::Tensor cotangents = each.slopes / static_cast<double>(output.size(1));
    if (over == Over::batch)
      over_batch(pull.losses, cotangents, weights, pull);
    else
      pull.cotangent = cotangents;
  }
  at::Tensor curve(const at::Tensor& output, const Aims& aims, const at::Tensor& along) const override {
    return along * (error_curvatures(output - aims.targets, loss_) / static_cast<double>(output.size(1)))
                       .unsqueeze(1);
  }

 private:
  decltype(Lessons::known) known_;
  bool of_state_;
  ErrorLoss loss_;
};

/// Of the action that was taken alone: d = Q(s, a) - Q*(s, a).
class TakenValueError final : public ChosenError {
 public:
  TakenValueError(const Lessons& lessons, Values values, ErrorLoss loss)
      : ChosenError(std::move(values), loss), known_(lessons.known) {}

  void aims(const data::Rows& rows, Passes& passes, Aims& aims) const override {
    const at::Tensor& like = passes.networks().of(Net::online).theta();
    const at::Tensor known = known_(rows, data::At::before).to(like.options());
    aims.chosen = taken(replay::trajectories(*rows.table), rows.ids, values(), like);
    aims.targets = known.gather(1, aims.chosen);
  }

 private:
  decltype(Lessons::known) known_;
};

}  // namespace

std::unique_ptr<Objective> error_of_known_value_taken(const Lessons& lessons, const Values& values,
                                                      ErrorLoss loss) {
  return std::make_unique<TakenValueError>(lessons, values, loss);
}

std::unique_ptr<Objective> error_of_known_values(const Lessons& lessons, const Values& values,
                                                 ErrorLoss loss) {
  return std::make_unique<ValuesError>(lessons, values.of_state, loss);
}

AgentParts reg(const Ground& ground) {
  const Lessons& lessons = known_lessons(ground);
  return {.objective = error_of_known_values(lessons, ground.values,
                                             error_loss(ground.settings.word("learner.loss", losses))),
          .judged = greedy(ground),
          .seen = replayed(ground)};
}

}  // namespace crosstalk::learn
