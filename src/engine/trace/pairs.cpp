// Pairs of positions: sum over t, s of (a_nt . a_ms + bias) (d_nt . d_ms), for layers with few positions and
// large weights. Two products, elementwise product, sums of T x S: no number of the weight's size is made.
//
// On the CPU a tile of about 64 by 256 positions at a time, so that what is multiplied and summed is still in
// cache; of a Gram only the tiles on and right of the diagonal. For 32 samples of a convolution 128 3 with 2
// x 2 positions 16 times as fast as one batched product a sample.
#include <ATen/Parallel.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/zeros.h>

#include <cmath>

#include "tensor/aligned.hpp"
#include "trace/rule.hpp"
#include "trace/sharing.hpp"

namespace crosstalk::trace {
namespace {

constexpr std::int64_t tile_rows = 64, tile_columns = 256;  // positions

// How many samples of so many positions make a tile's side.
std::int64_t samples_in(std::int64_t side, std::int64_t positions) {
  return std::max<std::int64_t>(1, side / std::max<std::int64_t>(1, positions));
}

/// sums (M, S): what the T positions of one sample add, x and y (T, M S) the products of inputs and
/// gradients; then out (M): each sample's S summed.
template <class T>
void sum_pairs(const T* x, const T* y, T one, std::int64_t positions, std::int64_t samples,
               std::int64_t others, T* sums, T* out) {
  const std::int64_t width = samples * others;
  std::fill_n(sums, width, T(0));
  for (std::int64_t t = 0; t < positions; ++t)
    for (std::int64_t i = 0; i < width; ++i) sums[i] += (x[t * width + i] + one) * y[t * width + i];
  for (std::int64_t m = 0; m < samples; ++m) {
    T sum = 0;
    for (std::int64_t s = 0; s < others; ++s) sum += sums[m * others + s];
    out[m] = sum;
  }
}

/// The block's products into out (rows `stride` apart).
template <class T>
void tiles(const Positions& rows, const Positions& columns, bool bias, bool same, T* out,
           std::int64_t stride) {
  const std::int64_t n = rows.inputs.size(0), t = rows.inputs.size(1), d = rows.inputs.size(2),
                     p = rows.output_gradients.size(2), m = columns.inputs.size(0),
                     s = columns.inputs.size(1);
  const std::int64_t high = std::min(n, samples_in(tile_rows, t)),
                     wide = std::min(m, samples_in(tile_columns, s));
  const T *a = rows.inputs.const_data_ptr<T>(), *g = rows.output_gradients.const_data_ptr<T>();
  const T *other_a = columns.inputs.const_data_ptr<T>(),
          *other_g = columns.output_gradients.const_data_ptr<T>();
  const std::int64_t blocks = (n + high - 1) / high;
  const double work = double(high * t) * double(m * s) * double(d + p);  // of one block of rows
  at::parallel_for(0, blocks, grain_of(work), [&](std::int64_t begin, std::int64_t end) {
    tensor::Buffer<T> x(high * t * wide * s), y(x.size()), sums(wide * s);
    for (std::int64_t k = begin; k < end; ++k) {
      const std::int64_t i = from_both_ends(k, blocks) * high, count = std::min(high, n - i);
      for (std::int64_t j = same ? i : 0; j < m; j += wide) {
        const std::int64_t width = std::min(wide, m - j);
        x.fill(0);
        y.fill(0);
        add_product<T>(a + i * t * d, count * t, other_a + j * s * d, width * s, d, x.data());
        add_product<T>(g + i * t * p, count * t, other_g + j * s * p, width * s, p, y.data());
        for (std::int64_t row = 0; row < count; ++row)
          sum_pairs(x.data() + row * t * width * s, y.data() + row * t * width * s, bias ? T(1) : T(0), t,
                    width, s, sums.data(), out + (i + row) * stride + j);
      }
    }
  });
}

at::Tensor whole_block(const Positions& rows, const Positions& columns, bool bias) {
  const auto dots = [](const at::Tensor& x, const at::Tensor& y) {
    return at::mm(x.flatten(0, 1), y.flatten(0, 1).t())
        .view({x.size(0), x.size(1), y.size(0), y.size(1)});  // (B, T, C, S)
  };
  at::Tensor products = dots(rows.inputs, columns.inputs);
  if (bias) products.add_(1);
  return products.mul_(dots(rows.output_gradients, columns.output_gradients)).sum({1, 3});
}

/// The most samples in a block. Two blocks hold their inputs (one of them twice while it is put in order) and
/// output gradients; their two products have a number for each pair of positions.
std::int64_t samples_at_once(const Positions& one, std::int64_t scratch_bytes) {
  const double numbers = double(scratch_bytes) / double(one.inputs.element_size()),
               t = double(one.inputs.size(1));
  const double each = t * double(3 * one.inputs.size(2) + 3 * one.output_gradients.size(2));
  const double most = (std::sqrt(each * each + 8 * t * t * numbers) - each) / (4 * t * t);
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(most));
}

}  // namespace

at::Tensor pair_products(const LayerTrace& rows, const LayerTrace& columns, const PositionsOf& positions,
                         bool bias, const Options& options) {
  const bool same = &rows == &columns, tiled = options.path == Path::fastest && rows.inputs.is_cpu();
  const std::int64_t n = rows.inputs.size(0), m = columns.inputs.size(0);
  at::Tensor out = at::zeros({n, m}, rows.inputs.options());
  if (n == 0 || m == 0) return out;
  const std::int64_t at_once = samples_at_once(positions(rows, 0, 1), options.scratch_bytes);
  for (std::int64_t i = 0; i < n; i += at_once) {
    const std::int64_t height = std::min(at_once, n - i);
    const Positions block = positions(rows, i, height);
    for (std::int64_t j = same ? i : 0; j < m; j += at_once) {
      const bool diagonal = same && i == j;
      const std::int64_t width = std::min(at_once, m - j);
      const Positions other = diagonal ? block : positions(columns, j, width);
      if (!tiled)
        out.narrow(0, i, height).narrow(1, j, width).copy_(whole_block(block, other, bias));
      else if (out.scalar_type() == at::kFloat)
        tiles<float>(block, other, bias, diagonal, out.mutable_data_ptr<float>() + i * m + j, m);
      else
        tiles<double>(block, other, bias, diagonal, out.mutable_data_ptr<double>() + i * m + j, m);
    }
  }
  return out;
}

}  // namespace crosstalk::trace
