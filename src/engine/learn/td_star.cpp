#include <ATen/ATen.h>

#include "learn/measured.hpp"
#include "learn/td.hpp"

/// Regression to the TD target of who played the stored trajectories (the paper's L_TD*, section 5):
///     y = r + gamma max_a Q*(s', a)
/// Q* as it is stored, so that no network is asked and no target moves. Nothing follows a terminal step; a
/// cut is bootstrapped from like any other.
namespace crosstalk::learn {
namespace {

class KnownTd final : public ChosenError {
 public:
  KnownTd(const Lessons& lessons, Values values, double gamma, ErrorLoss loss)
      : ChosenError(std::move(values), loss), known_(lessons.known), gamma_(gamma) {}

  void aims(const data::Rows& rows, Passes& passes, Aims& aims) const override {
    const replay::Trajectories& steps = replay::trajectories(*rows.table);
    const at::Tensor& like = passes.networks().of(Net::online).theta();
    const at::Tensor known = known_(rows, data::At::after).to(like.options());
    aims.targets =
        td_targets(bootstrap(steps, rows.ids, gamma_, /*timeout_ends=*/false, like), known.amax(1, true));
    aims.chosen = taken(steps, rows.ids, values(), like);
  }

 private:
  decltype(Lessons::known) known_;
  double gamma_;
};

}  // namespace

std::unique_ptr<Objective> error_of_known_targets(const Lessons& lessons, const Values& values, double gamma,
                                                  ErrorLoss loss) {
  return std::make_unique<KnownTd>(lessons, values, gamma, loss);
}

AgentParts td_star(const Ground& ground) {
  const Settings& settings = ground.settings;
  return {.objective =
              error_of_known_targets(known_lessons(ground), ground.values, settings.number("learner.gamma"),
                                     error_loss(settings.word("learner.loss", losses))),
          .seen = replayed(ground)};
}

}  // namespace crosstalk::learn
