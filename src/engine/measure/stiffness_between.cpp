#include "measure/registry.hpp"

/// Stiffness between classes (Fort et al. 2019): the mean cosine of the loss gradients of two samples u, v of
/// different classes, over all such pairs,
///     S = mean_{u, v: y_u != y_v} [ g_u . g_v / (|g_u| |g_v|) ]
/// and stiffness.between.sign, the mean of its sign. 0: what is learned of one class is none of another's
/// business; below 0: it undoes it. Rows, what is left out and costs as of stiffness.within.
namespace crosstalk::measure {
namespace {

class StiffnessBetween final : public Measure {
 public:
  std::string_view name() const override { return "stiffness.between"; }
  void declare(Needs& needs) const override { needs.classes(); }
  void measure(const Evidence& evidence, Readings& readings) const override {
    add_cosines(evidence, Gradient::loss, Classes::different, name(), readings);
  }
};

}  // namespace

std::unique_ptr<Measure> stiffness_between() { return std::make_unique<StiffnessBetween>(); }

}  // namespace crosstalk::measure
