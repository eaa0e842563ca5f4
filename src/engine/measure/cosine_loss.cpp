#include "measure/along.hpp"
#include "measure/registry.hpp"

/// The measure cosine of the gradients of each transition's own loss, the one that is learned by, its target
/// held (Bengio, Pineau and Precup 2020, section 5, Fig. 5: the lambda loss). Its sign has the errors' signs
/// in it. Steps without an aim do not count. Costs what cosine does, and the targets.
namespace crosstalk::measure {
namespace {

class CosineLoss final : public Measure {
 public:
  std::string_view name() const override { return "cosine.loss"; }
  void declare(Needs& needs) const override { needs.cosines(Gradient::loss); }
  void measure(const Evidence& evidence, Readings& readings) const override {
    add_cosines_along(evidence, Gradient::loss, name(), readings);
  }
};

}  // namespace

std::unique_ptr<Measure> cosine_loss() { return std::make_unique<CosineLoss>(); }

}  // namespace crosstalk::measure
