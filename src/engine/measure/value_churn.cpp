#include "measure/registry.hpp"

/// Value churn: how far one update moves the values at states that it was not about (Tang and Berseth 2024,
/// "Improving deep reinforcement learning by reducing the chain effect of value and policy churn"):
///     C = mean_{s, a} | Q'(s, a) - Q(s, a) |
/// Q before and Q' after the first update that follows the measurement, over all actions of both heads, at
/// the samples of the training and of the test set. It is in units of reward, and grows with the learning
/// rate. REINFORCE has no values: no rows. Shares policy churn's forward pass, and where it has no row.
namespace crosstalk::measure {
namespace {

class ValueChurn final : public Measure {
 public:
  std::string_view name() const override { return "value_churn"; }
  void declare(Needs& needs) const override { needs.change(); }
  void measure(const Evidence&, Rows&) const override {}
  void measure_change(const Change& change, Rows& rows) const override {
    if (!change.values) return;
    for (const Change::Part& part : change.parts()) {
      double sum = 0;
      const std::int64_t first = part.first * change.outputs, last = part.last * change.outputs;
      for (std::int64_t i = first; i < last; ++i) sum += std::abs(change.after[i] - change.before[i]);
      if (last > first) rows.add(name(), part.split, sum / static_cast<double>(last - first));
    }
  }
};

}  // namespace

std::unique_ptr<Measure> value_churn() { return std::make_unique<ValueChurn>(); }

}  // namespace crosstalk::measure
