#include <ATen/ATen.h>

#include "learn/heads.hpp"
#include "measure/registry.hpp"

/// Policy churn: the share of states at which one update changes the best action (Schaul, Barreto, Quan and
/// Ostrovski 2022, "The phenomenon of policy churn"):
///     W = mean_s [ argmax_a f'(s, a) != argmax_a f(s, a) ]
/// f before and f' after the first update that follows the measurement, at the samples. Where an action has
/// several choices it has changed where any of them has. REINFORCE's best action is its most probable one. 0:
/// the policy is where it was. No row where the next measurement comes before an update does. Costs a forward
/// pass over the samples.
namespace crosstalk::measure {
namespace {

class PolicyChurn final : public Measure {
 public:
  std::string_view name() const override { return "policy_churn"; }
  void declare(Needs& needs) const override { needs.change(); }
  void change(const Evidence& evidence, Readings& readings) const override {
    const std::vector<std::int64_t>& heads = evidence.readout.heads;
    if (heads.empty()) return;  // nobody acts
    for (const Viewed& viewed : evidence.stack) {
      const at::Tensor before = learn::largest(viewed.outputs, heads),
                       after = learn::largest(viewed.outputs_after, heads);
      const std::int64_t samples = before.size(0);
      if (samples == 0) continue;
      const std::int64_t changed = (before != after).any(1).sum().item<std::int64_t>();
      readings.add(name(), viewed.set.name, static_cast<double>(changed) / static_cast<double>(samples));
    }
  }
};

}  // namespace

std::unique_ptr<Measure> policy_churn() { return std::make_unique<PolicyChurn>(); }

}  // namespace crosstalk::measure
