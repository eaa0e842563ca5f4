#include "measure/along.hpp"
#include "measure/registry.hpp"

/// The loss difference to first order along the step:
///     - grad L(s_t+k; theta) . (theta' - theta)
/// theta' - theta is the step that theta really made, so with the optimiser's momentum, scales and weight
/// decay; with plain SGD without decay this is the interference of the minibatch with s_t+k. The
/// gradient goes through the target where the target moves with the network. It falls together with
/// loss_difference as the square of the step. loss_difference.explained is the share of the variance of
/// the difference, over transitions, that it explains,
///     1 - sum (D - predicted)^2 / sum (D - mean D)^2
/// near 1: the step is small; 0: no more than the mean says; below 0: less. Rows and arrays as
/// loss_difference has them. Costs a backward pass and a contraction of its trace over the transitions for
/// each loss, on top of loss_difference.
namespace crosstalk::measure {
namespace {

class LossDifferencePredicted final : public Measure {
 public:
  std::string_view name() const override { return "loss_difference.predicted"; }
  void declare(Needs& needs) const override { needs.prediction(); }
  void change(const Evidence& evidence, Readings& readings) const override {
    if (!evidence.around) return;
    add_rows_of(*evidence.around, std::string(name()), readings);
    for (const auto& [loss, change] : evidence.around->changes) {
      add_along(*evidence.around, name_of(loss, name()), change.defined, change.predicted, readings);
      add_explained(*evidence.around, name_of(loss, "loss_difference.explained"), change, change.predicted,
                    readings);
    }
  }
};

}  // namespace

std::unique_ptr<Measure> loss_difference_predicted() { return std::make_unique<LossDifferencePredicted>(); }

}  // namespace crosstalk::measure
