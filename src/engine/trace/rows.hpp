#pragma once

#include <functional>

#include "trace/options.hpp"

namespace crosstalk::trace {

/// Rows whose dots are products of samples, formed when they are asked for: (count, K) of samples [first,
/// first + count).
struct Rows {
  std::int64_t samples;
  at::TensorOptions type;  // and device
  std::function<at::Tensor(std::int64_t first, std::int64_t count)> form;
};

/// How many samples' rows are formed at once, at least one, so that options.scratch_bytes holds them: `each`
/// numbers a sample, of `width` bytes, and the products of a block with a block.
std::int64_t samples_in_scratch(std::int64_t each, const Options& options, std::int64_t width);

/// (N, M): a block of rows against a block of rows; where everything is one block, one product. `same`:
/// `rows` and `columns` are those of one trace; only what is on and right of the diagonal need be right.
at::Tensor row_products(const Rows& rows, const Rows& columns, bool same, std::int64_t at_once);

/// (N): squared norms.
at::Tensor row_norms(const Rows& rows, std::int64_t at_once);

}  // namespace crosstalk::trace
