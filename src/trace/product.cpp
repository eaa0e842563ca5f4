// Products of tall per-sample rows: X X' and X Y' with thousands of columns and few rows. A GEMM of this
// shape splits its small output over threads and so starves; here the columns are split, each thread sums
// into a matrix of its own.
#include <ATen/Parallel.h>

#include "tensor/kernels.hpp"
#include "trace/rule.hpp"

namespace crosstalk::trace {
namespace {

// Columns a product takes at once: 64 rows of them are half a megabyte, and stay in the second-level cache
// while they meet the other blocks.
constexpr std::int64_t columns_at_once = 2048;

// Rows a block. Of B blocks a side (B + 1) / 2B of the square is computed, but below 64 rows the GEMM slows
// down (75 GFLOPS at 32, 90 at 64, 98 at 128).
std::int64_t block_rows(std::int64_t n) {
  if (n < 96) return n;
  const std::int64_t blocks = n <= 512 ? (n + 63) / 64 : (n + 255) / 256;
  return (n + blocks - 1) / blocks;
}

// Calls body(part, first, last, sum) for ranges of columns, one part a thread, and adds the parts' sums in
// order, so that the result depends on the number of threads but not on their timing.
template <class T, class Body>
void over_columns(std::int64_t k, std::int64_t size, std::int64_t work, T* out, Body body) {
  const std::int64_t most = (k + columns_at_once - 1) / columns_at_once;
  const std::int64_t parts =
      at::in_parallel_region() || work < 4'000'000 ? 1 : std::min<std::int64_t>(at::get_num_threads(), most);
  std::vector<T> sums(static_cast<std::size_t>(size * parts), T(0));
  at::parallel_for(0, parts, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t part = begin; part < end; ++part) {
      const std::int64_t last = k * (part + 1) / parts;
      for (std::int64_t at = k * part / parts; at < last; at += columns_at_once)
        body(at, std::min(columns_at_once, last - at), sums.data() + part * size);
    }
  });
  for (std::int64_t part = 0; part < parts; ++part)
    for (std::int64_t i = 0; i < size; ++i) out[i] += sums[part * size + i];
}

}  // namespace

template <class T>
void add_symmetric_product(const T* x, std::int64_t n, std::int64_t k, T* out) {
  const std::int64_t rows = block_rows(n);
  over_columns<T>(k, n * n, n * n * k, out, [&](std::int64_t first, std::int64_t count, T* sum) {
    for (std::int64_t i = 0; i < n; i += rows)
      for (std::int64_t j = i; j < n; j += rows)
        tensor::gemm<T>(false, true, std::min(rows, n - i), std::min(rows, n - j), count, T(1),
                        x + i * k + first, k, x + j * k + first, k, T(1), sum + i * n + j, n);
  });
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t j = i + 1; j < n; ++j) out[j * n + i] = out[i * n + j];
}

template <class T>
void add_product(const T* x, std::int64_t n, const T* y, std::int64_t m, std::int64_t k, T* out) {
  over_columns<T>(k, n * m, n * m * k, out, [&](std::int64_t first, std::int64_t count, T* sum) {
    tensor::gemm<T>(false, true, n, m, count, T(1), x + first, k, y + first, k, T(1), sum, m);
  });
}

template void add_symmetric_product<float>(const float*, std::int64_t, std::int64_t, float*);
template void add_symmetric_product<double>(const double*, std::int64_t, std::int64_t, double*);
template void add_product<float>(const float*, std::int64_t, const float*, std::int64_t, std::int64_t,
                                 float*);
template void add_product<double>(const double*, std::int64_t, const double*, std::int64_t, std::int64_t,
                                  double*);

}  // namespace crosstalk::trace
