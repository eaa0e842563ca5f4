#include "measure/aimed_rows.hpp"

#include <ATen/ATen.h>

namespace crosstalk::measure {

AimedRows aimed_rows(const learn::Objective& objective, const data::Table& table,
                     std::span<const data::Id> rows) {
  AimedRows aimed{.rows = {&table, {}}};
  std::vector<std::int64_t> places;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!table.neighbour(rows[i], 0) || !objective.defined(table, rows[i])) continue;
    aimed.rows.ids.push_back(rows[i]);
    places.push_back(static_cast<std::int64_t>(i));
  }
  aimed.places = at::tensor(places, at::kLong);
  return aimed;
}

at::Tensor cotangents_of(const learn::Objective& objective, const data::Rows& rows, const at::Tensor& outputs,
                         learn::Passes& passes) {
  const AimedRows aimed = aimed_rows(objective, *rows.table, rows.ids);
  at::Tensor cotangents = at::zeros_like(outputs);
  if (aimed.empty()) return cotangents;
  learn::Aims aims;
  learn::Pull pull;
  objective.aims(aimed.rows, passes, aims);
  const at::Tensor& at_s = aimed.places;
  const at::Tensor where =
      (objective.looks_ahead() ? at::cat({at_s, at_s + rows.size()}) : at_s).to(outputs.device());
  objective.pull(outputs.index_select(0, where), aims, learn::Over::samples, {}, pull);
  return cotangents.index_copy_(0, where, pull.cotangent);
}

}  // namespace crosstalk::measure
