#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/rows.hpp"

namespace crosstalk::store {

/// What one axis of an array is.
struct Axis {
  std::string name;          // empty: nobody says
  std::vector<Json> labels;  // a number or a text for each place; empty: the places are counted from 0
};

/// As many as the array has dimensions (base/rows.hpp says how they are stored). Labels that are not as many
/// as the axis is long are none.
std::vector<Axis> axes_of(const Array& array);

/// A label as a table has it; a place without one is its number.
Json label_at(const Axis& axis, std::int64_t place);

}  // namespace crosstalk::store
