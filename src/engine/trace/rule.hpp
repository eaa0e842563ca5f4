#pragma once

#include <functional>

#include "trace/options.hpp"
#include "trace/trace.hpp"

namespace crosstalk::trace {

/// What the contractions need to know of one kind of layer. Gradient, Gram, norms, ... are sums of these over
/// the parts of a trace (parts.hpp), in which every parameter has one use. Biases follow the same pattern: a
/// bias's gradient is the output gradient summed over positions.
class Rule {
 public:
  virtual ~Rule() = default;

  /// Throws an Error (config) that names the layer, unless the trace's shapes fit its parameters'.
  virtual void check(const LayerTrace& layer, const tensor::Layout& layout) const = 0;

  /// Writes sum_n g_n into this layer's segments of out (P).
  virtual void gradient(const nn::Use& use, const at::Tensor& inputs, const at::Tensor& output_gradients,
                        const tensor::Layout& layout, const at::Tensor& out) const = 0;

  /// (N, M): products of the samples of `rows` and `columns`, two traces of one layer. The same object means
  /// the Gram of one: only what is on and right of the diagonal need be right.
  virtual at::Tensor products(const LayerTrace& rows, const LayerTrace& columns, const tensor::Layout& layout,
                              const Options& options) const = 0;

  /// (N): squared norms.
  virtual at::Tensor squared_norms(const LayerTrace& layer, const tensor::Layout& layout,
                                   const Options& options) const = 0;

  /// (N): dots with this layer's segments of direction (P).
  virtual at::Tensor directional(const LayerTrace& layer, const tensor::Layout& layout,
                                 const at::Tensor& direction) const = 0;

  /// Adds each sample's gradient to this layer's columns of out (N, P).
  virtual void add_per_sample(const LayerTrace& layer, const tensor::Layout& layout,
                              const at::Tensor& out) const = 0;
};

const Rule& rule(const nn::Use& use);
const Rule& linear_rule();
const Rule& convolution_rule();
const Rule& scale_rule();
const Rule& embedding_rule();
const Rule& rows_rule();

/// The method that runs: the caller's, where the layer has it, otherwise the cost model's (plan.hpp).
Method method(const LayerTrace& layer, const tensor::Layout& layout, const Options& options);

/// Throws unless every layer fits the layout, all have `samples` rows, types and devices agree, and no layer
/// uses a parameter twice by itself.
void check(const Trace& trace);

/// A use whose parameters make a layout of their own, so that a gradient or rows of these parameters alone
/// can be formed.
struct OwnLayout {
  OwnLayout(const nn::Use& use, const tensor::Layout& layout);
  nn::Use use;
  tensor::Layout layout;
};

/// What pairs of positions need of samples [first, first + count) of a layer: inputs (count, T, d) and output
/// gradients (count, T, p), made when they are asked for.
struct Positions {
  at::Tensor inputs, output_gradients;
};
using PositionsOf = std::function<Positions(const LayerTrace& layer, std::int64_t first, std::int64_t count)>;

/// (N, M) by pairs of positions: sum over t, s of (a_nt . a_ms + bias) (d_nt . d_ms). A block of samples
/// meets a block of samples, so that all that is formed stays within options.scratch_bytes, or is that of one
/// pair of samples where this is more. `rows` and `columns` the same object: as in Rule::products.
at::Tensor pair_products(const LayerTrace& rows, const LayerTrace& columns, const PositionsOf& positions,
                         bool bias, const Options& options);

/// A segment's part of out (P), or its columns of out (N, P), as a view.
at::Tensor segment_of(const at::Tensor& out, const tensor::Layout& layout, std::size_t segment);

/// What is right of the diagonal of `products` (N, N) written left of it too. A GEMM gives no promise that
/// (i, j) and (j, i) round alike: the upper triangle is the result.
at::Tensor mirrored(const at::Tensor& products);

/// X (N, K) X' added to `out` (N, N), on and right of the diagonal only; K split over threads. CPU,
/// row-major.
template <class T>
void add_symmetric_product(const T* x, std::int64_t n, std::int64_t k, T* out);
/// X (N, K) Y (M, K)' added to `out` (N, M).
template <class T>
void add_product(const T* x, std::int64_t n, const T* y, std::int64_t m, std::int64_t k, T* out);

}  // namespace crosstalk::trace
