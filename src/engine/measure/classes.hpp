#pragma once

#include <cstdint>
#include <vector>

#include "data/table.hpp"

namespace crosstalk::measure {

/// The class of each of these rows; empty: they have none.
std::vector<std::int64_t> classes_of(const data::Rows& rows);

}  // namespace crosstalk::measure
