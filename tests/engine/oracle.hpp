#pragma once

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "nn/network.hpp"

/// PyTorch's own forward, read from a network's descriptions, and its autograd: the other way to the same
/// numbers.
namespace crosstalk::oracle {

inline std::vector<std::int64_t> pair_after(const std::string& text, const std::string& word,
                                            std::int64_t otherwise) {
  std::smatch found;
  if (!std::regex_search(text, found, std::regex(word + " (\\d+)(x(\\d+))?"))) return {otherwise, otherwise};
  const std::int64_t first = std::stoll(found[1]);
  return {first, found[3].matched ? std::stoll(found[3]) : first};
}

/// values[0] = x, values[i + 1] the output of layer i, with PyTorch's graph behind them. `noise` (E) of noisy
/// layers; undefined: none.
inline std::vector<at::Tensor> forward(const nn::Network& network, const at::Tensor& theta,
                                       const at::Tensor& x, const at::Tensor& noise = {}) {
  std::vector<at::Tensor> values = {x};
  std::size_t segment = 0, drawn = 0;
  const auto next = [&] { return network.layout().view(theta, segment++); };
  const auto linear = [&](const at::Tensor& input, bool has_bias, bool is_noisy) {
    at::Tensor weight = next(), bias = has_bias ? next() : at::Tensor();
    if (is_noisy) {
      const at::Tensor weights = next(), biases = next();  // of the noise, as the whole matrix
      if (noise.defined()) {
        const at::Tensor of_inputs = network.noise().view(noise, drawn++),
                         of_outputs = network.noise().view(noise, drawn++);
        weight = weight + weights * at::outer(of_outputs, of_inputs);
        bias = bias + biases * of_outputs;
      }
    }
    return at::linear(input, weight, bias);
  };
  const auto has_bias = [&] {
    const auto& segments = network.layout().segments();
    return segment + 1 < segments.size() && segments[segment + 1].name.ends_with(".bias");
  };
  for (const std::string& text : network.descriptions()) {
    const at::Tensor& input = values.back();
    at::Tensor output;
    if (text.starts_with("conv")) {
      const at::Tensor weight = next(), bias = next();
      output = at::conv2d(input, weight, bias, pair_after(text, "stride", 1), pair_after(text, "pad", 0));
    } else if (text.starts_with("linear")) {
      output = linear(input, has_bias(), text.find("noisy") != std::string::npos);
    } else if (text.starts_with("dueling")) {
      const bool is_noisy = text.find("noisy") != std::string::npos, has_own = input.dim() == 3;
      const at::Tensor value = linear(has_own ? input.select(1, 0) : input, true, is_noisy),
                       advantage = linear(has_own ? input.select(1, 1) : input, true, is_noisy);
      if (text.starts_with("dueling out")) {
        const at::Tensor each = advantage.reshape({advantage.size(0), -1, value.size(1)});
        output = (value.unsqueeze(1) + each - each.mean(1, true)).reshape(advantage.sizes());
      } else {
        output = at::stack({value, advantage}, 1);
      }
    } else if (text == "layernorm") {
      const at::Tensor gain = next(), shift = next();
      output = at::layer_norm(input, gain.sizes(), gain, shift, 1e-5);
    } else if (text == "leaky") {
      output = at::leaky_relu(input, 0.01);
    } else if (text == "relu") {
      output = at::relu(input);
    } else if (text == "tanh") {
      output = at::tanh(input);
    } else if (text == "flatten") {
      output = at::flatten(input, 1);
    }
    values.push_back(output);
  }
  return values;
}

/// Largest difference, relative to the oracle's largest entry.
inline double difference(const at::Tensor& ours, const at::Tensor& theirs) {
  if (ours.sizes() != theirs.sizes()) return INFINITY;
  if (theirs.numel() == 0) return 0;
  const at::Tensor expected = theirs.detach().to(at::kDouble);
  const double scale = expected.abs().max().item<double>();
  const double largest = (ours.to(at::kDouble) - expected).abs().max().item<double>();
  return scale > 0 ? largest / scale : largest;
}

}  // namespace crosstalk::oracle
