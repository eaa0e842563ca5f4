#pragma once

#include <vector>

#include "data/table.hpp"

namespace crosstalk::measure {

/// What became of the values of transitions between an update on them and the next one.
struct Drifts {
  std::vector<data::Id> rows;      // in the order in which they were drawn again; a row may come again
  std::vector<double> values;      // before the update that drew it again, minus after the one noted
  std::vector<double> updates;     // between the two, those two not among them
  std::vector<data::Id> left_out;  // noted, and not drawn again yet
};

}  // namespace crosstalk::measure
