#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "nn/step.hpp"
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

/// A layer's own tensors, in its order: its parameters, and its noise; none where it has none or it is off.
struct Views {
  std::span<const at::Tensor> theta, noise;
  const at::Tensor& operator[](std::size_t parameter) const { return theta[parameter]; }
};

/// Takes what a pass leaves of one use of parameters: what they met, and the gradient at what they made of
/// it. Shapes: trace/trace.hpp.
using Leave =
    std::function<void(const Use& use, const at::Tensor& inputs, const at::Tensor& output_gradients)>;

class Beginning;  // initialise.hpp

/// A layer that a forward pass went through, where theta and its input move along K directions.
struct Moving {
  const Views& parameters;
  const at::Tensor &input, &output;  // of the pass; the input of an activation may hold its output
  const at::Tensor& tangent;         // (N, K, input_shape) what the input moves by; undefined: it stays
  const Step* step;                  // what theta moves by; nullptr: it stays
};

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
  /// How parameters enter, one use after the other; none for a layer without parameters.
  virtual std::vector<Use> uses() const { return {}; }
  /// How many numbers each of its vectors of noise has.
  virtual std::vector<std::int64_t> noise() const { return {}; }
  /// The values that its parameters begin with: as network.initialisation says, use by use.
  virtual void begin(Beginning& beginning) const;

  /// output (N, output_shape) of input (N, input_shape). `output` is a slot: filled in place when it has the
  /// right shape and type, replaced otherwise.
  virtual void forward(const Views& parameters, const at::Tensor& input, at::Tensor& output,
                       Path path) const = 0;

  /// Gradient at the input from the gradient at the output; the slot as above. Parameters' gradients are not
  /// made here: they are contractions of the trace.
  virtual void backward(const Views& parameters, const at::Tensor& input, const at::Tensor& output,
                        const at::Tensor& output_gradient, at::Tensor& input_gradient, Path path) const = 0;

  /// Whether the output may take the input's memory, and the gradient at the input that of the gradient at
  /// the output, because backward needs the output alone.
  virtual bool works_in_place() const { return false; }

  /// How many segments place() added.
  virtual std::size_t parameter_count() const { return 0; }

  /// Multiplications, each with its addition, of one sample's forward pass; an operation on each number
  /// counts as one a number.
  virtual std::int64_t multiply_adds() const = 0;

  /// Gives `leave` the trace of each of uses(), in their order; of a layer of one use alone, the input itself
  /// and the gradient at the output.
  virtual void traces(const Views& /*parameters*/, const at::Tensor& input, const at::Tensor& output_gradient,
                      const Leave& leave) const {
    for (const Use& use : uses()) leave(use, input, output_gradient);
  }

  /// Whether it has the following four, which derivatives along directions are made of (trace/jet.hpp). They
  /// go by ATen on any device.
  virtual bool has_jets() const { return false; }
  /// (N, K, output_shape): what the output moves by, to first order; undefined: it stays.
  virtual at::Tensor tangent(const Moving& moving) const;
  /// (N, K, output_shape): the second derivative of the output where input and theta move straight on;
  /// undefined: 0.
  virtual at::Tensor bend(const Moving& moving) const;
  /// (N, K, input_shape): what the gradient at the input moves by, where that at the output is
  /// `output_gradient` (N, output_shape) and moves by `gradient_tangent` (N, K, output_shape) or, undefined,
  /// stays. Undefined: it stays.
  virtual at::Tensor tangent_back(const Moving& moving, const at::Tensor& output_gradient,
                                  const at::Tensor& gradient_tangent) const;
  /// Gives `leave` what the trace of each of uses() moves by (either may be undefined), in their order.
  virtual void tangent_traces(const Moving& moving, const at::Tensor& gradient_tangent,
                              const Leave& leave) const;
};

}  // namespace crosstalk::nn
