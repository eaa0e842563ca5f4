#include "trace/rows.hpp"

#include <ATen/ops/empty.h>
#include <ATen/ops/mm.h>

#include <cmath>

namespace crosstalk::trace {

std::int64_t samples_in_scratch(std::int64_t each, const Options& options, std::int64_t width) {
  const double numbers = double(options.scratch_bytes) / double(width), own = double(each);
  return std::max<std::int64_t>(1, static_cast<std::int64_t>((std::sqrt(own * own + 4 * numbers) - own) / 2));
}

at::Tensor row_products(const Rows& rows, const Rows& columns, bool same, std::int64_t at_once) {
  const std::int64_t n = rows.samples, m = columns.samples;
  at::Tensor out = n == 0 || m == 0 ? at::empty({n, m}, rows.type) : at::Tensor();
  for (std::int64_t i = 0; i < n; i += at_once) {
    const std::int64_t count = std::min(at_once, n - i);
    const at::Tensor left = rows.form(i, count);
    for (std::int64_t j = same ? i : 0; j < m; j += at_once) {
      const std::int64_t width = std::min(at_once, m - j);
      const at::Tensor block = at::mm(left, same && i == j ? left.t() : columns.form(j, width).t());
      if (count == n && width == m) return block;
      if (!out.defined()) out = at::empty({n, m}, rows.type);
      out.narrow(0, i, count).narrow(1, j, width).copy_(block);
    }
  }
  return out;
}

at::Tensor row_norms(const Rows& rows, std::int64_t at_once) {
  at::Tensor norms = at::empty({rows.samples}, rows.type);
  for (std::int64_t i = 0; i < rows.samples; i += at_once) {
    const std::int64_t count = std::min(at_once, rows.samples - i);
    norms.narrow(0, i, count).copy_(rows.form(i, count).square().sum(1));
  }
  return norms;
}

}  // namespace crosstalk::trace
