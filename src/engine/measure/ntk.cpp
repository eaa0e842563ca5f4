#include <ATen/ATen.h>

#include <algorithm>

#include "measure/correlation.hpp"
#include "measure/registry.hpp"
#include "measure/spectrum.hpp"

/// The empirical neural tangent kernel (Jacot, Gabriel and Hongler 2018) of all p outputs at the n samples of
/// a set: the Gram of the gradients of each output at each sample,
///     K(uk, vl) = grad f_k(u) . grad f_l(v)   by theta,   (n p) x (n p)
/// Rows: ntk = trace K / n, the mean over samples of sum_k |grad f_k|^2; ntk.condition, the largest
/// eigenvalue over the smallest that stands above rounding, e n p times the largest (e 1.2e-7, or 2.2e-16 in
/// double precision: NumPy's rule for ranks); ntk.below, how many do not; ntk.rank, the effective rank (Roy
/// and Vetterli 2007) exp(- sum_i q_i ln q_i) of the eigenvalues' shares q_i: how many directions are
/// learned at about one pace. The array ntk.spectrum has the eigenvalues, the largest first.
///
/// ntk.maximum is Pearson's r, over pairs of distinct samples, of the interference of their largest outputs,
/// K(u k_u, v k_v), with the mean over outputs, sum_k K(uk, vk) / p: near 1, the largest output is enough to
/// compare samples by (Bengio, Pineau and Precup 2020, footnote 4). It has no row with one output, where the
/// two are the same. Costs n p passes, their Gram and its eigenvalues, (n p)^3: at most 2,048 rows
/// (Kernels::most), and refused beyond.
namespace crosstalk::measure {
namespace {

class Ntk final : public Measure {
 public:
  std::string_view name() const override { return "ntk"; }
  void declare(Needs& needs) const override { needs.kernel(); }
  void measure(const Evidence& evidence, Readings& readings) const override {
    for (const Viewed& viewed : evidence.stack) {
      if (!viewed.kernel || viewed.kernel->samples == 0) continue;
      const std::string split = viewed.set.name + "-" + viewed.set.name;
      const Kernel& kernel = *viewed.kernel;
      readings.add(name(), split, kernel.dots.trace().item<double>() / static_cast<double>(kernel.samples));
      if (at::isfinite(kernel.dots).all().item<bool>()) add_spectrum(kernel, split, readings);
      if (kernel.outputs > 1) add_maximum(kernel, split, readings);
    }
  }

 private:
  static void add_spectrum(const Kernel& kernel, const std::string& split, Readings& readings) {
    const at::Tensor spectrum = at::linalg_eigvalsh(kernel.dots).flip(0).contiguous();
    const auto* value = spectrum.const_data_ptr<double>();
    std::vector<double> values(value, value + spectrum.numel());
    const double least = kernel.rounding * static_cast<double>(values.size()) * values.front();
    const auto below = std::count_if(values.begin(), values.end(), [&](double v) { return !(v > least); });
    const auto above = static_cast<std::int64_t>(values.size()) - below;
    readings.add("ntk.below", split, static_cast<double>(below));
    if (above > 0) {
      readings.add("ntk.condition", split, values.front() / values[static_cast<std::size_t>(above - 1)]);
      readings.add("ntk.rank", split, effective_rank(spectrum.clamp_min(0)));
    }
    readings.add_array("ntk.spectrum", split, {spectrum.numel()}, std::move(values),
                       {{"0", {{"name", "eigenvalue"}}}});
  }

  static void add_maximum(const Kernel& kernel, const std::string& split, Readings& readings) {
    const std::int64_t p = kernel.outputs, rows = kernel.samples * p;
    const auto* dots = kernel.dots.const_data_ptr<double>();
    Correlation correlation;
    for (std::int64_t u = 0; u < kernel.samples; ++u)
      for (std::int64_t v = u + 1; v < kernel.samples; ++v) {
        double mean = 0;
        for (std::int64_t k = 0; k < p; ++k)
          mean += dots[(u * p + k) * rows + v * p + k] / static_cast<double>(p);
        const std::int64_t at_u = u * p + kernel.largest[static_cast<std::size_t>(u)],
                           at_v = v * p + kernel.largest[static_cast<std::size_t>(v)];
        correlation.add(dots[at_u * rows + at_v], mean);
      }
    if (const std::optional<double> r = correlation.value()) readings.add("ntk.maximum", split, *r);
  }
};

}  // namespace

std::unique_ptr<Measure> ntk() { return std::make_unique<Ntk>(); }

}  // namespace crosstalk::measure
