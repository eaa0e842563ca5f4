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

/// values[0] = x, values[i + 1] the output of layer i, with PyTorch's graph behind them.
inline std::vector<at::Tensor> forward(const nn::Network& network, const at::Tensor& theta,
                                       const at::Tensor& x) {
  std::vector<at::Tensor> values = {x};
  std::size_t segment = 0;
  const auto next = [&] { return network.layout().view(theta, segment++); };
  const auto next_if_bias = [&] {
    const auto& segments = network.layout().segments();
    return segment < segments.size() && segments[segment].name.ends_with(".bias") ? next() : at::Tensor();
  };
  for (const std::string& text : network.descriptions()) {
    const at::Tensor& input = values.back();
    at::Tensor output;
    if (text.starts_with("conv")) {
      const at::Tensor weight = next(), bias = next();
      output = at::conv2d(input, weight, bias, pair_after(text, "stride", 1), pair_after(text, "pad", 0));
    } else if (text.starts_with("linear")) {
      const at::Tensor weight = next(), bias = next_if_bias();
      output = at::linear(input, weight, bias);
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
