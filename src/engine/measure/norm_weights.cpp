#include <ATen/ATen.h>

#include "measure/registry.hpp"

/// The length of the parameters theta, weights and biases and all else that is learned,
///     |theta| = sqrt( sum_i theta_i^2 )
/// (the paper's footnote 2 says that weights grow while a model overfits). The array norm.weights has that of
/// each layer that has parameters (axis "layer": its place in network.layers), the root of whose summed
/// squares it is. Its split is "parameters", since it is of no samples; spreads of noisy layers are
/// parameters too. Costs one operation a parameter.
namespace crosstalk::measure {
namespace {

class NormOfWeights final : public Measure {
 public:
  std::string_view name() const override { return "norm.weights"; }
  void declare(Needs& needs) const override { needs.weights(); }
  void measure(const Evidence& evidence, Readings& readings) const override {
    const at::Tensor& theta = evidence.weights->before;
    readings.add(name(), "parameters", theta.norm().item<double>());
    std::vector<std::string> layers;
    std::vector<double> norms;
    for (const Weights::Layer& layer : evidence.weights->layers) {
      layers.push_back(layer.name);
      norms.push_back(theta.narrow(0, layer.first, layer.size).norm().item<double>());
    }
    const std::int64_t count = std::ssize(norms);
    readings.add_array(std::string(name()), "parameters", {count}, std::move(norms),
                       {{"0", {{"name", "layer"}, {"labels", layers}}}});
  }
};

}  // namespace

std::unique_ptr<Measure> norm_weights() { return std::make_unique<NormOfWeights>(); }

}  // namespace crosstalk::measure
