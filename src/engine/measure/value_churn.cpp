#include "measure/registry.hpp"

/// Value churn: how far one update moves the values at states that it was not about (Tang and Berseth 2024,
/// "Improving deep reinforcement learning by reducing the chain effect of value and policy churn"):
///     C = mean_{s, a} | Q'(s, a) - Q(s, a) |
/// Q before and Q' after the first update that follows the measurement, over all actions, at
/// the samples. It is in units of reward, and grows with the learning
/// rate. REINFORCE and the values of a policy have no actions to value: no rows. Shares policy churn's
/// forward pass, and where it has no row.
namespace crosstalk::measure {
namespace {

class ValueChurn final : public Measure {
 public:
  std::string_view name() const override { return "value_churn"; }
  void declare(Needs& needs) const override { needs.change(); }
  void change(const Evidence& evidence, Readings& readings) const override {
    if (!evidence.readout.values) return;
    for (const Viewed& viewed : evidence.stack) {
      if (viewed.outputs.numel() == 0) continue;
      double sum = 0;
      const at::Tensor &before = viewed.outputs, &after = viewed.outputs_after;
      const double *was = before.const_data_ptr<double>(), *is = after.const_data_ptr<double>();
      for (std::int64_t i = 0; i < before.numel(); ++i) sum += std::abs(is[i] - was[i]);
      readings.add(name(), viewed.set.name, sum / static_cast<double>(before.numel()));
    }
  }
};

}  // namespace

std::unique_ptr<Measure> value_churn() { return std::make_unique<ValueChurn>(); }

}  // namespace crosstalk::measure
