#include "measure/registry.hpp"

/// Loss interference: dot of the gradients of two samples' losses,
///     rho(u, v) = grad J(u) . grad J(v),   by theta
/// (the paper's section 2.1; J is the loss of one sample by itself: cross-entropy, or the squared error's
/// mean over the outputs, without the batch's 1/N). To first order, a gradient step of size a on u lowers v's
/// loss by a rho(u, v). Positive: they help each other; negative: they undo each other; near 0: none of each
/// other's business, or both losses already small. With broadcast targets J keeps the sample's own target:
/// the mistake vanishes for a batch of one. Pairs as function_interference has them. Where the network has
/// one output the Gram is the function's, scaled; otherwise it costs one more backward pass on the same tape
/// and one more Gram.
namespace crosstalk::measure {
namespace {

class LossInterference final : public Measure {
 public:
  std::string_view name() const override { return "loss_interference"; }
  void measure(const Evidence& evidence, Readings& readings) const override {
    add_dots(evidence, Gradient::loss, name(), readings);
  }
};

}  // namespace

std::unique_ptr<Measure> loss_interference() { return std::make_unique<LossInterference>(); }

}  // namespace crosstalk::measure
