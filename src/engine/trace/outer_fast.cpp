// Two products meet number by number. Where a panel of columns stays in cache they meet tile by tile, and
// only the result is ever written; wider layers form each product whole (product.cpp).
#include <ATen/Parallel.h>
#include <ATen/ops/zeros.h>

#include "tensor/aligned.hpp"
#include "tensor/small_gemm.hpp"
#include "tensor/transpose.hpp"
#include "trace/outer.hpp"
#include "trace/rule.hpp"
#include "trace/sharing.hpp"

namespace crosstalk::trace {
namespace {

using tensor::panel_width;

constexpr std::int64_t widest = 1024;  // columns of which a panel is in the second-level cache

/// One of the two products: X (n, width) Y (m, width)'.
template <class T>
struct Factor {
  const T *x, *y;
  std::int64_t width;

  /// Rows [right, right + count) of Y as columns.
  void turn(std::int64_t right, std::int64_t count, T* panel) const {
    tensor::transpose(y + right * width, count, width, width, panel);
  }
  /// The tile of rows [i, i + high) and of a panel's columns [skip, count).
  void tile(std::int64_t i, std::int64_t high, const T* panel, std::int64_t skip, std::int64_t count,
            T* into) const {
    tensor::small_gemm<T>(high, count - skip, width, x + i * width, width, panel + skip, count, into,
                          panel_width);
  }
};

template <class T>
struct Outer {
  Factor<T> inputs, gradients;
  T one;  // the bias's
  std::int64_t n, m;
  bool same;
  T* out;

  void meet(std::int64_t i, std::int64_t high, std::int64_t right, std::int64_t skip, std::int64_t count,
            const T* a, const T* d, T* x, T* y) const {
    inputs.tile(i, high, a, skip, count, x);
    gradients.tile(i, high, d, skip, count, y);
    for (std::int64_t r = 0; r < high; ++r)
      for (std::int64_t c = 0; c < count - skip; ++c)
        out[(i + r) * m + right + skip + c] = (x[r * panel_width + c] + one) * y[r * panel_width + c];
  }

  /// The panel at column `right`: what is above the diagonal, then the triangle in steps of a few rows.
  void panel(std::int64_t right, T* a, T* d, T* x, T* y) const {
    const std::int64_t count = std::min(panel_width, m - right), above = same ? right : n;
    inputs.turn(right, count, a);
    gradients.turn(right, count, d);
    for (std::int64_t i = 0; i < above; i += rows_at_once)
      meet(i, std::min(rows_at_once, above - i), right, 0, count, a, d, x, y);
    for (std::int64_t skip = 0; same && skip < count; skip += rows_on_diagonal)
      meet(right + skip, std::min(rows_on_diagonal, count - skip), right, skip, count, a, d, x, y);
  }

  /// In turn from both ends, for of a triangle the last panels have the most to do. No sum is divided, so the
  /// bits are those of one thread.
  void run() const {
    const std::int64_t panels = (m + panel_width - 1) / panel_width;
    const double work = double(n * panel_width) * double(inputs.width + gradients.width);
    at::parallel_for(0, panels, grain_of(work), [&](std::int64_t begin, std::int64_t end) {
      constexpr std::int64_t tile = rows_at_once * panel_width;
      const tensor::Buffer<T> a(inputs.width * panel_width), d(gradients.width * panel_width), x(tile),
          y(tile);
      for (std::int64_t i = begin; i < end; ++i)
        panel(from_both_ends(i, panels) * panel_width, a.data(), d.data(), x.data(), y.data());
    });
  }
};

template <class T>
void whole_product(const Factor<T>& factor, std::int64_t n, std::int64_t m, bool same, T* into) {
  if (same)
    add_symmetric_product<T>(factor.x, n, factor.width, into);
  else
    add_product<T>(factor.x, n, factor.y, m, factor.width, into);
}

template <class T>
at::Tensor outer(const at::Tensor& a, const at::Tensor& d, const at::Tensor& other_a,
                 const at::Tensor& other_d, bool bias, bool same) {
  const std::int64_t n = a.size(0), m = other_a.size(0);
  const Factor<T> inputs{a.const_data_ptr<T>(), other_a.const_data_ptr<T>(), a.size(1)},
      gradients{d.const_data_ptr<T>(), other_d.const_data_ptr<T>(), d.size(1)};
  const T one = bias ? T(1) : T(0);
  at::Tensor out = at::zeros({n, m}, a.options());
  T* result = out.mutable_data_ptr<T>();
  if (inputs.width > 0 && gradients.width > 0 && std::max(inputs.width, gradients.width) <= widest) {
    Outer<T>{inputs, gradients, one, n, m, same, result}.run();
    return out;
  }
  const at::Tensor products = at::zeros({n, m}, a.options());
  T* met = products.mutable_data_ptr<T>();
  whole_product(inputs, n, m, same, met);
  whole_product(gradients, n, m, same, result);
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t j = same ? i : 0; j < m; ++j) result[i * m + j] *= met[i * m + j] + one;
  return out;
}

}  // namespace

at::Tensor outer_products(const at::Tensor& inputs, const at::Tensor& output_gradients,
                          const at::Tensor& other_inputs, const at::Tensor& other_output_gradients, bool bias,
                          bool same) {
  return inputs.scalar_type() == at::kFloat
             ? outer<float>(inputs, output_gradients, other_inputs, other_output_gradients, bias, same)
             : outer<double>(inputs, output_gradients, other_inputs, other_output_gradients, bias, same);
}

}  // namespace crosstalk::trace
