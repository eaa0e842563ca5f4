#pragma once

#include <algorithm>
#include <cstdint>

#include "data/table.hpp"

namespace crosstalk::measure {

/// So many rows pass through a network together, where a measure looks at many: memory does not grow with
/// them.
inline constexpr std::int64_t rows_at_once = 128;

/// Calls visit(block, first) for some of the rows at a time, one block after the other: its rows, and the
/// place of its first among all.
template <class Visit>
void each_block(const data::Rows& rows, Visit visit) {
  for (std::int64_t first = 0; first < rows.size(); first += rows_at_once) {
    const std::int64_t last = std::min(rows.size(), first + rows_at_once);
    visit(data::Rows{rows.table, {rows.ids.begin() + first, rows.ids.begin() + last}}, first);
  }
}

}  // namespace crosstalk::measure
