#include "measure/aimed_rows.hpp"

#include <ATen/ATen.h>

namespace crosstalk::measure {

AimedRows aimed_rows(const learn::Objective& objective, const data::Table& table,
                     std::span<const data::Id> rows) {
  AimedRows aimed{.rows = {&table, {}}};
  std::vector<std::int64_t> places;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!objective.defined(table, rows[i])) continue;
    aimed.rows.ids.push_back(rows[i]);
    places.push_back(static_cast<std::int64_t>(i));
  }
  aimed.places = at::tensor(places, at::kLong);
  return aimed;
}

}  // namespace crosstalk::measure
