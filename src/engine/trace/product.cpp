// Products of per-sample rows: X X' and X Y' with thousands of columns and few rows. A GEMM of this shape
// splits its small output over threads and so starves; here the columns are split, each thread sums into a
// matrix of its own. Where there are few columns, the output is split.
//
// A stretch of columns is transposed, a panel of 32 rows at a time, and multiplied by all rows above it; on
// the diagonal 16 rows at a time, so that of 128 rows 9/16 of the square are computed.
#include <ATen/Parallel.h>

#include "tensor/aligned.hpp"
#include "tensor/small_gemm.hpp"
#include "tensor/transpose.hpp"
#include "trace/rule.hpp"
#include "trace/sharing.hpp"

namespace crosstalk::trace {
namespace {

constexpr std::int64_t columns_at_once = 256;  // a panel of them is the first-level cache

// The panel of sum (n, m) at column `right` += X Y' over `count` columns, x and y at the first of them, their
// rows `k` apart. `same`: the part on and right of the diagonal, in blocks of rows.
template <class T>
void add_panel(const T* x, std::int64_t n, const T* y, std::int64_t m, std::int64_t k, std::int64_t count,
               bool same, std::int64_t right, T* panel, T* sum) {
  const std::int64_t width = std::min(tensor::panel_width, m - right), above = same ? right : n;
  tensor::transpose(y + right * k, width, count, k, panel);
  for (std::int64_t i = 0; i < above; i += rows_at_once)
    tensor::small_gemm<T>(std::min(rows_at_once, above - i), width, count, x + i * k, k, panel, width,
                          sum + i * m + right, m, true);
  for (std::int64_t skip = 0; same && skip < width; skip += rows_on_diagonal)
    tensor::small_gemm<T>(std::min(rows_on_diagonal, width - skip), width - skip, count,
                          x + (right + skip) * k, k, panel + skip, width, sum + (right + skip) * (m + 1), m,
                          true);
}

/// Few columns and many rows: panels over threads, in turn from both ends, for of a triangle the last have
/// the most to do. No sum is divided, so the bits are those of one thread.
template <class T>
void add_by_panels(const T* x, std::int64_t n, const T* y, std::int64_t m, std::int64_t k, bool same,
                   T* out) {
  const std::int64_t panels = (m + tensor::panel_width - 1) / tensor::panel_width;
  at::parallel_for(0, panels, 1, [&](std::int64_t begin, std::int64_t end) {
    const tensor::Buffer<T> panel(k * std::min(tensor::panel_width, m));
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t at = from_both_ends(i, panels);
      add_panel(x, n, y, m, k, k, same, at * tensor::panel_width, panel.data(), out);
    }
  });
}

template <class T>
void add(const T* x, std::int64_t n, const T* y, std::int64_t m, std::int64_t k, bool same, T* out) {
  const std::int64_t size = n * m, most = (k + columns_at_once - 1) / columns_at_once;
  const bool is_worth_it = double(n * m * k) >= worth_a_thread;
  if (most == 1 && is_worth_it && !at::in_parallel_region()) return add_by_panels(x, n, y, m, k, same, out);
  const std::int64_t parts =
      at::in_parallel_region() || !is_worth_it ? 1 : std::min<std::int64_t>(at::get_num_threads(), most);
  const auto run = [&](std::int64_t part, T* sum) {
    const tensor::Buffer<T> panel(std::min(columns_at_once, k) * std::min(tensor::panel_width, m));
    const std::int64_t last = k * (part + 1) / parts;
    for (std::int64_t at = k * part / parts; at < last; at += columns_at_once)
      for (std::int64_t right = 0; right < m; right += tensor::panel_width)
        add_panel(x + at, n, y + at, m, k, std::min(columns_at_once, last - at), same, right, panel.data(),
                  sum);
  };
  if (parts <= 1) {
    run(0, out);
    return;
  }
  // The parts' sums are added in order, so the result depends on the number of threads, not on their timing.
  tensor::Buffer<T> sums(size * parts);
  sums.fill(0);
  at::parallel_for(0, parts, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t part = begin; part < end; ++part) run(part, sums.data() + part * size);
  });
  for (std::int64_t part = 0; part < parts; ++part)
    for (std::int64_t i = 0; i < size; ++i) out[i] += sums.data()[part * size + i];
}

}  // namespace

template <class T>
void add_symmetric_product(const T* x, std::int64_t n, std::int64_t k, T* out) {
  if (n > 0 && k > 0) add(x, n, x, n, k, true, out);
}

template <class T>
void add_product(const T* x, std::int64_t n, const T* y, std::int64_t m, std::int64_t k, T* out) {
  if (n > 0 && m > 0 && k > 0) add(x, n, y, m, k, false, out);
}

template void add_symmetric_product<float>(const float*, std::int64_t, std::int64_t, float*);
template void add_symmetric_product<double>(const double*, std::int64_t, std::int64_t, double*);
template void add_product<float>(const float*, std::int64_t, const float*, std::int64_t, std::int64_t,
                                 float*);
template void add_product<double>(const double*, std::int64_t, const double*, std::int64_t, std::int64_t,
                                  double*);

}  // namespace crosstalk::trace
