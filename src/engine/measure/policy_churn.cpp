#include "measure/registry.hpp"

/// Policy churn: the share of states at which one update changes the best action (Schaul, Barreto, Quan and
/// Ostrovski 2022, "The phenomenon of policy churn"):
///     W = mean_s [ argmax_a f'(s, a) != argmax_a f(s, a) ]
/// f before and f' after the first update that follows the measurement, at the samples of the training and of
/// the test set. An action has two parts here, a class and a move: it has changed where either has.
/// REINFORCE's best action is its most probable one. 0: the policy is where it was. No row where the next
/// measurement comes before an update does. Costs a forward pass over the samples.
namespace crosstalk::measure {
namespace {

std::vector<std::int64_t> best(const double* outputs, const std::vector<std::int64_t>& heads) {
  std::vector<std::int64_t> actions;
  for (const std::int64_t size : heads) {
    actions.push_back(std::max_element(outputs, outputs + size) - outputs);
    outputs += size;
  }
  return actions;
}

class PolicyChurn final : public Measure {
 public:
  std::string_view name() const override { return "policy_churn"; }
  void declare(Needs& needs) const override { needs.change(); }
  void measure(const Evidence&, Rows&) const override {}
  void measure_change(const Change& change, Rows& rows) const override {
    if (change.heads.empty()) return;  // nobody acts
    for (const Change::Part& part : change.parts()) {
      std::int64_t changed = 0;
      for (std::int64_t s = part.first; s < part.last; ++s)
        changed += best(change.before_of(s), change.heads) != best(change.after_of(s), change.heads);
      if (part.last > part.first)
        rows.add(name(), part.split,
                 static_cast<double>(changed) / static_cast<double>(part.last - part.first));
    }
  }
};

}  // namespace

std::unique_ptr<Measure> policy_churn() { return std::make_unique<PolicyChurn>(); }

}  // namespace crosstalk::measure
