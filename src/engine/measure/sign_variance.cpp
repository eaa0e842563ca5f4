#include <ATen/ATen.h>

#include "measure/registry.hpp"

/// How much the sign of the TD error changes along a trajectory (Bengio, Pineau and Precup 2020, section 5.2,
/// Fig. 7): the variance within a window of w = probe.window transitions one after the other, mean over the
/// windows that begin at the samples,
///     V = mean_t [ 1/w sum_i (z_t+i - mean_i z_t+i)^2 ],   z = sign(d), i = 0 ... w - 1
/// d the one-step TD error (td_error), z 0 where it is. 0: all errors of a window have one sign, so that what
/// is learned at one step is what is learned at the next. 1 - 1/w^2 is the most of an odd w, 0.96 of five;
/// signs drawn by a coin have 1 - 1/w on average, 0.8. No window goes on beyond its episode's end: those that
/// would are left out, and counted in sign_variance.left_out. Where an action has several choices each has
/// its own errors, and the mean is over them too. Costs two forward passes over w steps for each sample.
namespace crosstalk::measure {
namespace {

class SignVariance final : public Measure {
 public:
  std::string_view name() const override { return "sign_variance"; }
  void declare(Needs& needs) const override { needs.window(); }
  void measure(const Evidence& evidence, Readings& readings) const override {
    for (const Viewed& viewed : evidence.stack) {
      if (!viewed.window) continue;
      const Window& window = *viewed.window;
      double sum = 0;
      std::int64_t counted = 0;
      for (std::int64_t sample = 0; sample < window.steps.samples(); ++sample)
        if (const auto begin = window.begin(sample)) sum += variance(window, *begin), ++counted;
      if (counted > 0) readings.add(name(), viewed.set.name, sum / static_cast<double>(counted));
      readings.add("sign_variance.left_out", viewed.set.name,
                   static_cast<double>(window.steps.samples() - counted));
    }
  }

 private:
  static double variance(const Window& window, std::int64_t begin) {
    const at::Tensor signs = window.values.narrow(0, begin, window.steps.offsets()).sign();
    return signs.var(0, /*unbiased=*/false).mean().item<double>();
  }
};

}  // namespace

std::unique_ptr<Measure> sign_variance() { return std::make_unique<SignVariance>(); }

}  // namespace crosstalk::measure
