#include "measure/registry.hpp"

/// The length of the loss gradient over a set's n samples, g_u the gradient of sample u's own loss J(u):
///     norm.gradient         | 1/n sum_u g_u |  = 1/n sqrt( sum_uv G_uv )
///     norm.gradient.single  1/n sum_u |g_u|    = 1/n sum_u sqrt( G_uu )
/// from the Gram G of the loss. The first is what full-batch descent would follow; it is at most the second,
/// and far below it where the samples' gradients undo each other. It is the gradient of the mean also where
/// training sums over a batch, and of the samples measured: an update's own gradient, of its minibatch, is
/// another. Needs the Gram of the loss; costs n^2 additions on top of it.
namespace crosstalk::measure {
namespace {

class NormOfGradient final : public Measure {
 public:
  std::string_view name() const override { return "norm.gradient"; }
  void measure(const Evidence& evidence, Readings& readings) const override {
    const auto gram = evidence.grams.find(Gradient::loss);
    if (gram == evidence.grams.end()) return;
    for (std::size_t i = 0; i < evidence.stack.size(); ++i) {
      const Range set = evidence.range(i);
      if (set.size() == 0) continue;
      double dots = 0, norms = 0;
      for (std::int64_t u = set.first; u < set.last; ++u) {
        norms += gram->second.norm(u);
        for (std::int64_t v = set.first; v < set.last; ++v) dots += gram->second.dot(u, v);
      }
      const auto n = static_cast<double>(set.size());
      const std::string& split = evidence.stack[i].set.name;
      readings.add(name(), split, std::sqrt(std::max(dots, 0.0)) / n);  // rounding alone takes it below 0
      readings.add("norm.gradient.single", split, norms / n);
    }
  }
};

}  // namespace

std::unique_ptr<Measure> norm_gradient() { return std::make_unique<NormOfGradient>(); }

}  // namespace crosstalk::measure
