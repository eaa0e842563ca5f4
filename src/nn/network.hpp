#pragma once

#include <memory>

#include "nn/layer.hpp"
#include "tensor/random.hpp"

namespace crosstalk::nn {

/// theta and its views, one list a layer. The views share theta's memory: an optimiser's step in place is seen.
class Parameters {
 public:
  Parameters(const class Network& network, at::Tensor theta);  // theta (P), float or double, contiguous
  const at::Tensor& theta() const { return theta_; }
  std::span<const at::Tensor> of(std::size_t layer) const { return views_[layer]; }

 private:
  at::Tensor theta_;
  std::vector<std::vector<at::Tensor>> views_;
};

/// What a forward pass leaves: values[0] is the input, values[i + 1] the output of layer i. Reused between calls of
/// the same batch size without allocation.
struct Tape {
  std::vector<at::Tensor> values;
  const at::Tensor& input() const { return values.front(); }
  const at::Tensor& output() const { return values.back(); }
};

/// What a backward pass leaves: gradients[i] is the gradient at the output of layer i, (N, ...), undefined below the
/// first layer with parameters. One tape serves many cotangents, each with its own.
using Gradients = std::vector<at::Tensor>;

/// A chain of layers over one flat theta.
class Network {
 public:
  Network(Shape input, std::vector<std::unique_ptr<Layer>> layers);
  const Shape& input_shape() const { return input_; }
  Shape output_shape() const;
  const tensor::Layout& layout() const { return layout_; }
  std::span<const std::unique_ptr<Layer>> layers() const { return layers_; }
  std::vector<std::string> descriptions() const;

  /// x (N, input_shape) in theta's type and device.
  void forward(const Parameters& parameters, const at::Tensor& x, Tape& tape) const;
  /// cotangent (N, outputs): the gradient of each sample's scalar at the network's output.
  void backward(const Parameters& parameters, const Tape& tape, const at::Tensor& cotangent, Gradients& gradients) const;

 private:
  Shape input_;
  std::vector<std::unique_ptr<Layer>> layers_;
  tensor::Layout layout_;
};

/// Layer i's parameters carry the names "i.weight", "i.bias"; how layers register their segments in the layout, and
/// the builders below, are in nn/build.hpp.
}  // namespace crosstalk::nn
