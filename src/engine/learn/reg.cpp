#include <ATen/ATen.h>

#include "learn/learners.hpp"

/// Regression to the values of who played the stored trajectories (the paper's L_reg, section 5): all outputs
/// at a step's observation,
///     J = mean_a loss(Q(s, a) - Q*(s, a))
/// Nothing is bootstrapped from, and what was done counts for nothing.
namespace crosstalk::learn {
namespace {

class ValuesError final : public Objective {
 public:
  ValuesError(const Lessons& lessons, ErrorLoss loss) : known_(lessons.known), loss_(loss) {}

  void aims(const data::Rows& rows, Passes& passes, Aims& aims) const override {
    const at::Tensor& like = passes.networks().of(Net::online).theta();
    aims.targets = known_(rows.ids, data::At::before).to(like.options());
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

 private:
  decltype(Lessons::known) known_;
  ErrorLoss loss_;
};

}  // namespace

AgentParts reg(const Ground& ground) {
  const Lessons& lessons = known_lessons(ground);
  return {.objective = std::make_unique<ValuesError>(
              lessons, error_loss(ground.settings.word("learner.loss", losses))),
          .seen = replayed(ground)};
}

}  // namespace crosstalk::learn
