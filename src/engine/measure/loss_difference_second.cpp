#include "measure/along.hpp"
#include "measure/registry.hpp"

/// The loss difference to second order along the step s = theta' - theta that theta really made,
///     - grad L . s - 1/2 s . H s,   H the Hessian of L(s_t+k) by theta
/// (Bengio, Pineau and Precup 2020, eq. 11 to 13, one order further). loss_difference less this falls
/// as the cube of the step where no unit of a leaky network changes its sign, and no error the side of its
/// loss. loss_difference.second.explained is the share of the variance of the difference that it explains, as
/// loss_difference.explained is that of the first order: near 1 where that is not, curvature is what bends
/// the loss; where neither is, the step is too long for both. Rows and arrays as loss_difference has them.
/// Costs a jet (trace/jet.hpp) of every row around the update on top of loss_difference.predicted.
namespace crosstalk::measure {
namespace {

class LossDifferenceSecond final : public Measure {
 public:
  std::string_view name() const override { return "loss_difference.second"; }
  void declare(Needs& needs) const override { needs.second_prediction(); }
  void change(const Evidence& evidence, Readings& readings) const override {
    if (!evidence.around) return;
    add_rows_of(*evidence.around, std::string(name()), readings);
    for (const auto& [loss, change] : evidence.around->changes) {
      add_along(*evidence.around, name_of(loss, name()), change.defined, change.second, readings);
      add_explained(*evidence.around, name_of(loss, "loss_difference.second.explained"), change,
                    change.second, readings);
    }
  }
};

}  // namespace

std::unique_ptr<Measure> loss_difference_second() { return std::make_unique<LossDifferenceSecond>(); }

}  // namespace crosstalk::measure
