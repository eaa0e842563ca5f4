// Per-sample weight gradients of a linear layer over sequences on the CPU: D_n' A_n, one product a sample,
// samples over threads; then one tall product over all samples. A_n lies in panels of 32 columns, which the
// product of one block takes best (small_gemm.hpp), D_n transposed. at::bmm reaches a fifth of its rate.
#include <ATen/Parallel.h>
#include <ATen/ops/zeros.h>

#include "tensor/aligned.hpp"
#include "tensor/small_gemm.hpp"
#include "tensor/transpose.hpp"
#include "trace/rule.hpp"
#include "trace/sequence.hpp"

namespace crosstalk::trace {
namespace {

/// Inputs (N, T, d) and output gradients (N, T, p), where they lie straight in memory.
template <class T>
struct Sequences {
  explicit Sequences(const LayerTrace& layer)
      : inputs(tensor::aligned(layer.inputs.reshape({layer.inputs.size(0), -1, layer.inputs.size(-1)}))),
        gradients(tensor::aligned(
            layer.output_gradients.reshape({layer.inputs.size(0), -1, layer.output_gradients.size(-1)}))),
        samples(inputs.size(0)),
        positions(inputs.size(1)),
        d(inputs.size(2)),
        p(gradients.size(2)) {}

  /// out (N, count d): the weight gradients' rows [first, first + count), of each sample.
  void form(std::int64_t first, std::int64_t count, T* out) const {
    const T *a = inputs.template const_data_ptr<T>(), *g = gradients.template const_data_ptr<T>();
    const std::int64_t work = std::max<std::int64_t>(1, positions * count * d);
    at::parallel_for(
        0, samples, std::max<std::int64_t>(1, 1'000'000 / work), [&](std::int64_t begin, std::int64_t end) {
          tensor::Buffer<T> panel(positions * std::min(d, tensor::panel_width)), turned(count * positions);
          for (std::int64_t n = begin; n < end; ++n) {
            tensor::transpose(g + n * positions * p + first, positions, count, p, turned.data());
            for (std::int64_t column = 0; column < d; column += tensor::panel_width) {
              const std::int64_t width = std::min(tensor::panel_width, d - column);
              for (std::int64_t t = 0; t < positions; ++t)
                std::copy_n(a + (n * positions + t) * d + column, width, panel.data() + t * width);
              tensor::small_gemm<T>(count, width, positions, turned.data(), positions, panel.data(), width,
                                    out + n * count * d + column, d);
            }
          }
        });
  }

  at::Tensor inputs, gradients;
  std::int64_t samples, positions, d, p;
};

template <class T>
at::Tensor products(const LayerTrace& rows, const LayerTrace& columns, const Options& options) {
  const bool same = &rows == &columns;
  const Sequences<T> left(rows);
  const std::optional<Sequences<T>> right = same ? std::nullopt : std::optional<Sequences<T>>(columns);
  const std::int64_t n = left.samples, m = same ? n : right->samples, held = n + (same ? 0 : m);
  at::Tensor out = at::zeros({n, m}, left.inputs.options());
  if (out.numel() == 0) return out;
  const std::int64_t bytes = std::max<std::int64_t>(1, held * left.d * std::int64_t(sizeof(T)));
  const std::int64_t most = std::clamp<std::int64_t>(options.scratch_bytes / bytes, 1, left.p),
                     slabs = (left.p + most - 1) / most, at_once = (left.p + slabs - 1) / slabs;
  Scratch own;
  const at::Tensor memory =
      (options.scratch != nullptr ? *options.scratch : own).take(held * at_once * left.d, out.options());
  T *x = memory.mutable_data_ptr<T>(), *y = x + n * at_once * left.d;
  for (std::int64_t first = 0; first < left.p; first += at_once) {
    const std::int64_t count = std::min(at_once, left.p - first);
    left.form(first, count, x);
    if (same) {
      add_symmetric_product<T>(x, n, count * left.d, out.mutable_data_ptr<T>());
    } else {
      right->form(first, count, y);
      add_product<T>(x, n, y, m, count * left.d, out.mutable_data_ptr<T>());
    }
  }
  return out;
}

}  // namespace

at::Tensor sequence_weight_products(const LayerTrace& rows, const LayerTrace& columns,
                                    const Options& options) {
  return rows.inputs.scalar_type() == at::kFloat ? products<float>(rows, columns, options)
                                                 : products<double>(rows, columns, options);
}

}  // namespace crosstalk::trace
