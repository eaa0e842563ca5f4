#include "measure/registry.hpp"

/// How well the values of the expert that played stored trajectories agree with themselves, from a step to
/// the next (Bengio, Pineau and Precup 2020, section 5, where they are close to their own one-step targets):
///     E = sqrt( mean_n (r + gamma max_a Q*(s', a) - Q*(s, a_n))^2 )
/// over all steps n of the episodes of "train" and of "test" (errors are few and large where rewards are, so
/// that samples would miss them), a_n the action that was taken, gamma the discount of the expert's values,
/// which may be another than learner.gamma. Nothing follows a terminal step; a cut one is bootstrapped from.
/// td_error.expert.relative is E divided by the root mean square of r: 0 where the values account for every
/// reward, 1 of values that are the same everywhere (gamma near 1). Divided by the values' spread even values
/// that ignore the rewards would seem to agree, if they change slowly. A network has no part in it, so it is
/// the same at every measurement, as accuracy.constant is; also with task.observation = "shifted" it is of
/// the steps as they were played. Costs no pass.
namespace crosstalk::measure {
namespace {

class TdErrorOfExpert final : public Measure {
 public:
  std::string_view name() const override { return "td_error.expert"; }
  void declare(Needs& needs) const override { needs.number("td_error.expert"); }
  void measure(const Evidence& evidence, Readings& readings) const override {
    readings.add_numbers(name(), evidence);
  }
};

}  // namespace

std::unique_ptr<Measure> td_error_expert() { return std::make_unique<TdErrorOfExpert>(); }

}  // namespace crosstalk::measure
