#include <ATen/ATen.h>

#include "measure/registry.hpp"

/// How often the TD error of one step alone changes its sign in an update, and that of the step beside it
/// does not (Bengio, Pineau and Precup 2020, section 6: such pairs are what makes interference between near
/// states fall). Over pairs of successive steps t, t+1 in the windows of probe.window steps that begin at the
/// samples,
///     F = mean_t [ (z'_t != z_t) != (z'_t+1 != z_t+1) ],   z = sign(d), z' = sign(d')
/// d the one-step TD error (td_error) at the measurement, and d' after the first update that follows. In d'
/// both prediction and target are by the networks as that update leaves them: a target network moves if it is
/// copied after this update, or follows each update (polyak); where there is none the error bootstraps from
/// the network itself, also that of a learner that does not bootstrap (mc, reg, td-star), and its target
/// moves with every update. sign_flips.both is the share of pairs of which both errors change their signs. 0:
/// no error alone does. Noise of noisy layers is off. A window that would go on beyond its episode's end, or
/// of which a replay no longer holds a step when the update comes, is left out, and counted in
/// sign_flips.left_out. Where an action has several choices the mean is over them too. The last measurement,
/// which no update follows, has no row. Costs four forward passes over w steps for each sample, two of them
/// shared with sign_variance.
namespace crosstalk::measure {
namespace {

class SignFlips final : public Measure {
 public:
  std::string_view name() const override { return "sign_flips"; }
  void declare(Needs& needs) const override { needs.window_after(); }
  void change(const Evidence& evidence, Readings& readings) const override {
    for (const Viewed& viewed : evidence.stack) {
      if (!viewed.window_after) continue;
      const Window &before = *viewed.window, &after = *viewed.window_after;
      const std::int64_t length = before.steps.offsets(), samples = before.steps.samples();
      double one = 0, both = 0;
      std::int64_t counted = 0;
      for (std::int64_t sample = 0; sample < samples; ++sample) {
        const auto begin = before.begin(sample);
        if (!begin || !after.begin(sample)) continue;
        const at::Tensor flips = before.values.narrow(0, *begin, length).sign() !=
                                 after.values.narrow(0, *begin, length).sign();  // (w, H)
        const at::Tensor here = flips.narrow(0, 0, length - 1), next = flips.narrow(0, 1, length - 1);
        one += share(here != next);
        both += share(here & next);
        ++counted;
      }
      if (counted > 0) {
        readings.add(name(), viewed.set.name, one / static_cast<double>(counted));
        readings.add("sign_flips.both", viewed.set.name, both / static_cast<double>(counted));
      }
      readings.add("sign_flips.left_out", viewed.set.name, static_cast<double>(samples - counted));
    }
  }

 private:
  static double share(const at::Tensor& of) { return of.to(at::kDouble).mean().item<double>(); }
};

}  // namespace

std::unique_ptr<Measure> sign_flips() { return std::make_unique<SignFlips>(); }

}  // namespace crosstalk::measure
