#pragma once

#include <ATen/core/Tensor.h>

#include "learn/objective.hpp"

namespace crosstalk::measure {

/// Those of some rows that are held and have an aim.
struct AimedRows {
  data::Rows rows;
  at::Tensor places;  // (rows) int64, on the CPU: where each stands among those asked about

  bool empty() const { return rows.ids.empty(); }
};
AimedRows aimed_rows(const learn::Objective& objective, const data::Table& table,
                     std::span<const data::Id> rows);

/// (M, p): the gradient of each row's own loss at the outputs (M, p) for objective.inputs(rows); 0 for a row
/// without an aim.
at::Tensor cotangents_of(const learn::Objective& objective, const data::Rows& rows, const at::Tensor& outputs,
                         learn::Passes& passes);

}  // namespace crosstalk::measure
