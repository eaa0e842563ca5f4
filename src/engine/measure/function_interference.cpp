#include "measure/registry.hpp"

/// Function interference: dot of the gradients of a function of the output at two samples,
///     rho-bar(u, v) = g_u . g_v,   g_u = gradient of f(u) by theta
/// (the paper's section 2.1; f is probe.function: the largest output with its index held fixed, the mean of
/// the outputs, the confidence, i.e. the softmax probability of the largest, or for agents the outputs of the
/// actions taken, summed over heads). To first order, a step of size a along g_u changes f(v) by
/// a rho-bar(u, v). 0: changing u leaves v alone; it grows with the width of the network, so compare it
/// within an architecture and see stiffness. Over the first probe.samples rows of the training subset and of
/// the test set, or so many transitions of an agent: within a set the distinct pairs, between the sets all;
/// the diagonal |g_u|^2 is left out. Costs one forward and backward pass over the samples and their Gram
/// matrix.
namespace crosstalk::measure {
namespace {

class FunctionInterference final : public Measure {
 public:
  std::string_view name() const override { return "function_interference"; }
  void measure(const Evidence& evidence, Readings& readings) const override {
    add_dots(evidence, Gradient::function, name(), readings);
  }
};

}  // namespace

std::unique_ptr<Measure> function_interference() { return std::make_unique<FunctionInterference>(); }

}  // namespace crosstalk::measure
