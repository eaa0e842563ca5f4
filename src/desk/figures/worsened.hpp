#pragma once

#include <string>
#include <vector>

#include "figures/results.hpp"

namespace crosstalk::figures {

/// Of value functions that are learned from stored trajectories: "values: 2 of 3 runs end worse than they
/// began: ...", of each series with such a run. A run is one where `loss` on test trajectories, or
/// `td_error.square` where no loss was measured, is larger at the last measurement than at the first.
std::vector<std::string> cautions_on_worsened(const Results& results);

}  // namespace crosstalk::figures
