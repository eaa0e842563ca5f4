#include "measure/registry.hpp"

/// Function stiffness: cosine of the gradients of a function of the output at two samples,
///     c(u, v) = g_u . g_v / (|g_u| |g_v|),   g_u = gradient of f(u) by theta
/// (f is probe.function), and function_stiffness.sign, the mean of its sign: function interference (the
/// paper's section 2.1) without the gradients' lengths, what stiffness (Fort et al. 2019) is to loss
/// interference. 1: what moves f(u) moves f(v) as much as it can; 0: f(v) stays; -1: f(v) moves the other
/// way. It has no unit: logits, action values and torques can be compared, and networks of other widths. A
/// pair in which a gradient is 0 has no direction: left out, and counted in function_stiffness.left_out.
/// Reads function_interference's Gram; costs one division a pair on top of it.
namespace crosstalk::measure {
namespace {

class FunctionStiffness final : public Measure {
 public:
  std::string_view name() const override { return "function_stiffness"; }
  void measure(const Evidence& evidence, Readings& readings) const override {
    add_cosines(evidence, Gradient::function, name(), readings);
  }
};

}  // namespace

std::unique_ptr<Measure> function_stiffness() { return std::make_unique<FunctionStiffness>(); }

}  // namespace crosstalk::measure
