#include "measure/registry.hpp"

/// Stiffness: cosine of the loss gradients of two samples (Fort et al. 2019, "Stiffness: a new perspective on
/// generalization in neural networks"):
///     S(u, v) = g_u . g_v / (|g_u| |g_v|),   g_u = gradient of J(u) by theta
/// and stiffness.sign, the mean of its sign. 1: a step on u helps v as much as it can. 0: none of v's
/// business. -1: it undoes v. Unlike interference it does not grow with the width of the network or with the
/// loss. A pair in which a gradient is 0 has no direction: left out, and counted in stiffness.left_out. Reads
/// the loss's Gram; costs one division a pair on top of it.
namespace crosstalk::measure {
namespace {

class Stiffness final : public Measure {
 public:
  std::string_view name() const override { return "stiffness"; }
  void measure(const Evidence& evidence, Readings& readings) const override {
    add_cosines(evidence, Gradient::loss, name(), readings);
  }
};

}  // namespace

std::unique_ptr<Measure> stiffness() { return std::make_unique<Stiffness>(); }

}  // namespace crosstalk::measure
