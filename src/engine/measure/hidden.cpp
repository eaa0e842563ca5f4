#include "measure/hidden.hpp"

#include <ATen/ATen.h>

#include <limits>

#include "nn/activation.hpp"

namespace crosstalk::measure {
namespace {

/// Whether it has weights, and not a gain alone.
bool weighs(const nn::Layer& layer) {
  for (const nn::Use& use : layer.uses())
    if (!std::holds_alternative<nn::ScaleUse>(use)) return true;
  return false;
}

/// (n, streams, units): |h|, of a channel the mean over its positions.
at::Tensor magnitudes_of(const at::Tensor& values) {
  const at::Tensor sizes = values.to(at::kDouble).abs();
  if (values.dim() == 4) return sizes.mean({2, 3}).unsqueeze(1).cpu();
  return (values.dim() == 2 ? sizes.unsqueeze(1) : sizes).cpu();
}

/// Into the rows of `all` from `first` on, which is made with `samples` rows where it is not there.
void put(const at::Tensor& some, std::int64_t first, std::int64_t samples, at::Tensor& all) {
  if (!all.defined()) {
    std::vector<std::int64_t> sizes = some.sizes().vec();
    sizes.front() = samples;
    all = at::empty(sizes, some.options());
  }
  all.narrow(0, first, some.size(0)).copy_(some);
}

/// No algorithm converges on what is not finite.
at::Tensor singular_values_of(const at::Tensor& matrix) {
  if (at::isfinite(matrix).all().item<bool>()) return at::linalg_svdvals(matrix).contiguous();
  return at::full({std::min(matrix.size(0), matrix.size(1))}, std::numeric_limits<double>::quiet_NaN(),
                  at::kDouble);
}

}  // namespace

Hidden::Hidden(const nn::Network& network) : network_(network) {
  const auto layers = network.layers();
  for (std::size_t i = 0; i < layers.size(); ++i)
    if (weighs(*layers[i])) output_ = i;
  for (std::size_t i = 0; i < output_; ++i) {
    has_hidden_ |= weighs(*layers[i]);
    if (!has_hidden_ || dynamic_cast<const nn::Activation*>(layers[i].get()) == nullptr) continue;
    const bool has_streams = layers[i]->output_shape().size() == 2;
    layers_.push_back(
        {i,
         has_streams ? std::vector<std::string>{" value", " advantage"} : std::vector<std::string>{""},
         {}});
  }
}

void Hidden::begin(std::int64_t samples) {
  samples_ = samples;
  read_.reset();
  for (Layer& layer : layers_) layer.magnitudes.reset();
}

void Hidden::see(const nn::Tape& tape, std::int64_t first) {
  for (Layer& layer : layers_)
    put(magnitudes_of(tape.values[layer.place + 1]), first, samples_, layer.magnitudes);
  if (has_hidden_) put(tape.values[output_].flatten(1).to(at::kCPU, at::kDouble), first, samples_, read_);
}

Activations Hidden::of(Range samples) const {
  Activations activations;
  for (const Layer& layer : layers_) {
    const at::Tensor means = layer.magnitudes.narrow(0, samples.first, samples.size()).mean(0);
    const std::string name =
        std::to_string(layer.place) + " " + network_.layers()[layer.place]->description();
    for (std::size_t stream = 0; stream < layer.of.size(); ++stream)
      activations.layers.push_back(
          {name + layer.of[stream], means[static_cast<std::int64_t>(stream)].contiguous()});
  }
  if (has_hidden_)
    activations.singular_values = singular_values_of(read_.narrow(0, samples.first, samples.size()));
  return activations;
}

}  // namespace crosstalk::measure
