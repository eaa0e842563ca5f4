#pragma once

#include <ATen/core/Tensor.h>

#include "learn/objective.hpp"

namespace crosstalk::measure {

/// Those of some rows that have an aim.
struct AimedRows {
  data::Rows rows;
  at::Tensor places;  // (rows) int64, on the CPU: where each stands among those asked about

  bool empty() const { return rows.ids.empty(); }
};
AimedRows aimed_rows(const learn::Objective& objective, const data::Table& table,
                     std::span<const data::Id> rows);

}  // namespace crosstalk::measure
