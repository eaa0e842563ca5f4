#include <ATen/ATen.h>

#include <limits>

#include "measure/along.hpp"
#include "measure/registry.hpp"

/// Hidden units that hardly speak (Sokar, Agarwal, Castro and Evci 2023, "The dormant neuron phenomenon in
/// deep reinforcement learning"). The score of unit i of a layer, over a set's samples,
///     s_i = E|h_i| / (1/units sum_j E|h_j|)
/// is 1 of a unit that is as active as its layer on average; it is tau-dormant where s_i <= tau.
/// dormant is the share of all hidden units that are 0.025-dormant (the paper's tau for DQN; its other
/// agents have 0.1), dormant.zero that of those with tau = 0: they give 0 at every sample. h stands after the
/// activation function. Leaky ReLU is never exactly 0, and tanh hardly: dormant.zero is of ReLU alone. A
/// leaky unit that is always below 0 keeps a hundredth of its input and has a score near 0.02, so that it may
/// count as dormant, or not. A unit of a
/// convolution is a channel, its |h| the mean over its positions; the streams of a dueling network are two
/// layers; a layer without activation function is none, and neither are the outputs. In a layer whose units
/// all give 0 each is dormant. The array dormant has the share in each layer (axis "layer": the place of
/// the activation function in network.layers), and dormant.score (layer, unit) all scores, NaN beyond a
/// layer's units, for any other tau; dormant.rows says which transitions the samples are. Costs one operation
/// an activation.
namespace crosstalk::measure {
namespace {

constexpr double tau = 0.025;

class Dormant final : public Measure {
 public:
  std::string_view name() const override { return "dormant"; }
  void declare(Needs& needs) const override { needs.activations(); }
  void measure(const Evidence& evidence, Readings& readings) const override {
    for (const Viewed& viewed : evidence.stack) {
      const std::vector<Units>& layers = viewed.activations->layers;
      if (layers.empty() || viewed.set.rows.size() == 0) continue;
      add(layers, viewed.set.name, readings);
      if (is_of_steps(viewed.set)) add_rows_of(viewed.set, "dormant", readings);
    }
  }

 private:
  static at::Tensor scores(const at::Tensor& magnitude) {
    const at::Tensor mean = magnitude.mean();
    return mean.item<double>() == 0 ? magnitude : magnitude / mean;
  }

  static void add(const std::vector<Units>& layers, const std::string& split, Readings& readings) {
    std::vector<std::string> names;
    std::vector<at::Tensor> all;
    std::vector<double> shares;
    std::int64_t widest = 0;
    for (const Units& units : layers) {
      names.push_back(units.layer);
      all.push_back(scores(units.magnitude));
      shares.push_back((all.back() <= tau).to(at::kDouble).mean().item<double>());
      widest = std::max(widest, units.magnitude.numel());
    }
    const at::Tensor together = at::cat(all);
    readings.add("dormant", split, (together <= tau).to(at::kDouble).mean().item<double>());
    readings.add("dormant.zero", split, (together <= 0).to(at::kDouble).mean().item<double>());
    const Json layer = {{"name", "layer"}, {"labels", names}};
    readings.add_array("dormant", split, {std::ssize(layers)}, std::move(shares), {{"0", layer}});
    const at::Tensor table =
        at::full({std::ssize(layers), widest}, std::numeric_limits<double>::quiet_NaN(), at::kDouble);
    for (std::size_t i = 0; i < all.size(); ++i)
      table[static_cast<std::int64_t>(i)].narrow(0, 0, all[i].numel()).copy_(all[i]);
    const auto* first = table.const_data_ptr<double>();
    readings.add_array("dormant.score", split, {std::ssize(layers), widest}, {first, first + table.numel()},
                       {{"0", layer}, {"1", {{"name", "unit"}}}});
  }
};

}  // namespace

std::unique_ptr<Measure> dormant() { return std::make_unique<Dormant>(); }

}  // namespace crosstalk::measure
