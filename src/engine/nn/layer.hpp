#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "nn/use.hpp"
#include "tensor/layout.hpp"

namespace crosstalk::nn {

using Shape = std::vector<std::int64_t>;  // of one sample: (d) or (C, H, W)

/// Which code does it. Both give the same numbers up to rounding.
enum class Path {
  fastest,   // direct GEMM calls and plain loops on the CPU, ATen elsewhere
  portable,  // ATen alone: the only one on CUDA, and the fast path's check
};

inline bool is_direct(Path path, const at::Tensor& like) { return path == Path::fastest && like.is_cpu(); }

/// One layer, made for one input shape. It holds no parameters and no state: theta comes in as views,
/// activations live on the caller's tape. Float and double. Tensors are contiguous; a network sees to that.
class Layer {
 public:
  virtual ~Layer() = default;

  /// Adds this layer's parameters to the layout as "PREFIX.weight", ...; a network calls it once, before
  /// anything else.
  virtual void place(const std::string& /*prefix*/, tensor::Layout& /*layout*/) {}
  virtual std::string description() const = 0;  // as network.layers spells it: "conv 16 5 stride 2"
  virtual Shape output_shape() const = 0;
  /// How parameters enter; nothing for a layer without parameters.
  virtual std::optional<Use> use() const { return std::nullopt; }

  /// output (N, output_shape) of input (N, input_shape). `output` is a slot: filled in place when it has the
  /// right shape and type, replaced otherwise. `parameters` are this layer's segments in order.
  virtual void forward(std::span<const at::Tensor> parameters, const at::Tensor& input, at::Tensor& output,
                       Path path) const = 0;

  /// Gradient at the input from the gradient at the output; the slot as above. Parameters' gradients are not
  /// made here: they are contractions of the trace.
  virtual void backward(std::span<const at::Tensor> parameters, const at::Tensor& input,
                        const at::Tensor& output, const at::Tensor& output_gradient,
                        at::Tensor& input_gradient, Path path) const = 0;

  /// Whether the output may take the input's memory, and the gradient at the input that of the gradient at
  /// the output, because backward needs the output alone.
  virtual bool works_in_place() const { return false; }

  /// How many segments place() added.
  virtual std::size_t parameter_count() const { return 0; }

  /// Multiplications, each with its addition, of one sample's forward pass; an operation on each number
  /// counts as one a number.
  virtual std::int64_t multiply_adds() const = 0;

  /// What the trace keeps as this layer's input: the input itself, or (layer norm) the normalised input.
  virtual at::Tensor traced_input(const at::Tensor& input) const { return input; }
};

}  // namespace crosstalk::nn
