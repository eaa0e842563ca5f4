#include "measure/along.hpp"
#include "measure/registry.hpp"

/// How alike gradients are along a trajectory: the cosine of a function's gradients at a transition and k
/// steps from it,
///     c_k = mean_t [ g_t . g_t+k / (|g_t| |g_t+k|) ],   g_t = gradient of f(s_t) by theta
/// over the samples t whose episodes have a step at k, |k| up to probe.offsets; f is probe.function (Bengio,
/// Pineau and Precup 2020, section 5, Fig. 5: max_a Q). 1: what moves f here moves it there; the cosine with
/// other transitions at random (probe.others), cosine.others, is what it is compared with. A pair in which a
/// gradient is 0 has none and does not count. The array cosine has the curve over k. Costs a forward and a
/// backward pass over the neighbours, each once where samples lie close, and Grams of blocks of 128.
namespace crosstalk::measure {
namespace {

class Cosine final : public Measure {
 public:
  std::string_view name() const override { return "cosine"; }
  void declare(Needs& needs) const override { needs.cosines(Gradient::function); }
  void measure(const Evidence& evidence, Readings& readings) const override {
    add_cosines_along(evidence, Gradient::function, name(), readings);
  }
};

}  // namespace

std::unique_ptr<Measure> cosine() { return std::make_unique<Cosine>(); }

}  // namespace crosstalk::measure
