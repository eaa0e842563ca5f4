#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace crosstalk::trace {

/// Multiplications: below, waking a thread costs as much.
inline constexpr double worth_a_thread = 4e6;

/// Rows that are multiplied with a panel of columns at a time; on the diagonal fewer, so that of 128 rows
/// 9/16 of the square are computed.
inline constexpr std::int64_t rows_at_once = 64, rows_on_diagonal = 16;

/// How many parts of so much work are worth a thread: at::parallel_for's grain.
inline std::int64_t grain_of(double work) {
  return static_cast<std::int64_t>(std::ceil(worth_a_thread / std::max(1.0, work)));
}

/// The i-th of so many parts, in turn from both ends: the parts of a triangle are not alike.
inline std::int64_t from_both_ends(std::int64_t i, std::int64_t parts) {
  return i % 2 ? parts - 1 - i / 2 : i / 2;
}

}  // namespace crosstalk::trace
