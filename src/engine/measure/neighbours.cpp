#include "measure/neighbours.hpp"

#include <algorithm>

namespace crosstalk::measure {

std::int64_t place_in(const data::Rows& rows, data::Id row) {
  return std::lower_bound(rows.ids.begin(), rows.ids.end(), row) - rows.ids.begin();
}

Neighbours neighbours(const data::Rows& samples, std::int64_t first, std::int64_t last,
                      std::span<const data::Id> beside) {
  Neighbours all{.rows = {samples.table, {beside.begin(), beside.end()}}, .first = first, .last = last};
  std::vector<std::optional<data::Id>> found;
  for (const data::Id sample : samples.ids)
    for (std::int64_t offset = first; offset <= last; ++offset)
      if (found.push_back(samples.table->neighbour(sample, offset)); found.back())
        all.rows.ids.push_back(*found.back());
  std::sort(all.rows.ids.begin(), all.rows.ids.end());
  all.rows.ids.erase(std::unique(all.rows.ids.begin(), all.rows.ids.end()), all.rows.ids.end());
  for (const std::optional<data::Id>& row : found)
    all.places.push_back(row ? place_in(all.rows, *row) : Neighbours::masked);
  return all;
}

}  // namespace crosstalk::measure
