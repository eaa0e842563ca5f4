#pragma once

#include <memory>

#include "nn/layer.hpp"
#include "tensor/random.hpp"

namespace crosstalk::nn {

class Network;

/// theta and its views, one list a layer, and the noise of noisy layers beside it. The views share their
/// memory: an optimiser's step in place is seen, and so is other noise that is written there.
class Parameters {
 public:
  /// theta (P), float or double, contiguous; allocated by ATen (64-byte aligned) where bits are to be the
  /// same again. noise (E), of theta's type, in the layout network.noise(); undefined: it is off.
  Parameters(const Network& network, at::Tensor theta, at::Tensor noise = {});
  const at::Tensor& theta() const { return theta_; }
  Views of(std::size_t layer) const { return {views_[layer], noises_[layer]}; }

 private:
  at::Tensor theta_;
  std::vector<std::vector<at::Tensor>> views_, noises_;
};

/// What a forward pass leaves: values[0] is the input, values[i + 1] the output of layer i, which an
/// activation after a layer with parameters overwrites by its own. Reused between calls of the same batch
/// size, so the next forward on the same tape overwrites what an earlier one left: clone what is to be kept,
/// or use another tape.
struct Tape {
  std::vector<at::Tensor> values;
  const at::Tensor& input() const { return values.front(); }
  const at::Tensor& output() const { return values.back(); }
};

/// What a backward pass leaves: gradients[i] is the gradient at the output of layer i, (N, ...), which an
/// activation overwrites by that at its input; undefined below the first layer with parameters (its own input
/// gradient is never computed). One tape serves many cotangents, each with Gradients of its own, which the
/// next backward overwrites.
using Gradients = std::vector<at::Tensor>;

/// A chain of layers over one flat theta. Layer i's parameters are the segments "i.weight" and "i.bias"
/// (layer norm: its gain and shift, under the same names). build.hpp makes one from network.layers.
class Network {
 public:
  Network(Shape input, std::vector<std::unique_ptr<Layer>> layers, Path path = Path::fastest);
  const Shape& input_shape() const { return input_; }
  Shape output_shape() const;
  const tensor::Layout& layout() const { return layout_; }
  /// Of the noise of all noisy layers (nn/noise.hpp); empty where there are none.
  const tensor::Layout& noise() const { return noise_; }
  std::span<const std::unique_ptr<Layer>> layers() const { return layers_; }
  std::int64_t outputs() const;  // numbers in a sample's output
  /// Whether a parameter has several uses, whose gradients are summed.
  bool shares_parameters() const { return shares_parameters_; }
  std::vector<std::string> descriptions() const;

  /// x (N, input_shape) in theta's type and device; another shape is an Error(config).
  void forward(const Parameters& parameters, const at::Tensor& x, Tape& tape) const;
  /// cotangent (N, outputs): the gradient of each sample's scalar at the network's output.
  void backward(const Parameters& parameters, const Tape& tape, const at::Tensor& cotangent,
                Gradients& gradients) const;
  /// The same, where each gradient keeps its own memory, so that also an activation's is that at its output.
  void backward_apart(const Parameters& parameters, const Tape& tape, const at::Tensor& cotangent,
                      Gradients& gradients) const;
  /// Error(config) that names the first layer without jets, if there is one.
  void refuse_without_jets() const;

 private:
  // Whether layer i's output takes the memory of its input; and the gradient at its input that at its output.
  bool forward_in_place(std::size_t i) const;
  bool backward_in_place(std::size_t i) const;
  void begin_backward(const Tape& tape, const at::Tensor& cotangent, Gradients& gradients) const;

  Shape input_;
  std::vector<std::unique_ptr<Layer>> layers_;
  tensor::Layout layout_, noise_;
  Path path_;
  std::size_t first_ = 0, last_ = 0;  // layers with parameters: backward ends at the output of the first
  bool shares_parameters_ = false;
};

}  // namespace crosstalk::nn
