#include <ATen/ATen.h>

#include "measure/registry.hpp"

/// How much the targets that are learned change from a step to the next along a trajectory: von Neumann's
/// ratio (1941, "Distribution of the ratio of the mean square successive difference to the variance"),
/// halved,
///     R = mean_t (y_t+1 - y_t)^2 / (2 var y)
/// y_t the target of step t in the loss that is learned by (one-step, of n steps, a return, a lambda-return,
/// an expert's values), by the networks as they are. The mean is over the pairs of successive steps in the
/// windows of probe.window steps that begin at the samples, the variance over all steps of these windows,
/// each as often as it stands there. 0: targets are smooth along a trajectory. 1: neighbouring targets are as
/// far apart as those of white noise. Above 1: they alternate. Where a prediction has several targets (of
/// each choice, or of all actions: reg), it is the mean of their ratios; one that is the same everywhere has
/// none. A window that would go on beyond its episode's end, or with a step that has no target (of a return
/// whose episode goes on), is left out, and counted in target_roughness.left_out. REINFORCE's outputs predict
/// nothing: no rows. Costs what the targets of w steps for each sample cost: at most a forward pass over
/// them, of lambda-returns over their episodes.
namespace crosstalk::measure {
namespace {

class TargetRoughness final : public Measure {
 public:
  std::string_view name() const override { return "target_roughness"; }
  void declare(Needs& needs) const override { needs.targets(); }
  void measure(const Evidence& evidence, Readings& readings) const override {
    for (const Viewed& viewed : evidence.stack) {
      if (!viewed.targets) continue;
      const Window& window = *viewed.targets;
      std::vector<at::Tensor> whole;
      for (std::int64_t sample = 0; sample < window.steps.samples(); ++sample)
        if (const auto begin = window.begin(sample))
          whole.push_back(window.values.narrow(0, *begin, window.steps.offsets()));
      if (!whole.empty()) add(at::stack(whole), viewed.set.name, readings);
      readings.add("target_roughness.left_out", viewed.set.name,
                   static_cast<double>(window.steps.samples() - std::ssize(whole)));
    }
  }

 private:
  /// targets (windows, w, H)
  void add(const at::Tensor& targets, const std::string& split, Readings& readings) const {
    const at::Tensor apart = targets.diff(1, 1).square().mean({0, 1});
    const at::Tensor all = targets.flatten(0, 1);
    const at::Tensor varies = all.amax(0) > all.amin(0);
    const at::Tensor ratios = apart / (2 * all.var(0, /*unbiased=*/false));
    if (varies.any().item<bool>())
      readings.add(name(), split, ratios.masked_select(varies).mean().item<double>());
  }
};

}  // namespace

std::unique_ptr<Measure> target_roughness() { return std::make_unique<TargetRoughness>(); }

}  // namespace crosstalk::measure
