#include "measure/registry.hpp"

/// Stiffness within classes (Fort et al. 2019, "Stiffness: a new perspective on generalization in neural
/// networks"): the mean cosine of the loss gradients of two samples u, v of one class,
///     S = mean_{u, v: y_u = y_v} [ g_u . g_v / (|g_u| |g_v|) ],   g_u = gradient of J(u) by theta
/// and stiffness.within.sign, the mean of its sign. An agent's samples have the class of the image that is
/// looked at. 1: a step on u helps v as much as it can; against stiffness.between it says how far learning
/// stays within a class. A pair in which a gradient is 0 has none: left out, and counted in
/// stiffness.within.left_out; no row where no two samples are of one class. Reads the loss's Gram; costs one
/// division a pair.
namespace crosstalk::measure {
namespace {

class StiffnessWithin final : public Measure {
 public:
  std::string_view name() const override { return "stiffness.within"; }
  void declare(Needs& needs) const override { needs.classes(); }
  void measure(const Evidence& evidence, Readings& readings) const override {
    add_cosines(evidence, Gradient::loss, Classes::same, name(), readings);
  }
};

}  // namespace

std::unique_ptr<Measure> stiffness_within() { return std::make_unique<StiffnessWithin>(); }

}  // namespace crosstalk::measure
