#pragma once

#include <vector>

#include "figures/point.hpp"

namespace crosstalk::figures {

/// Of how many of these runs the mean `return` over the last quarter is not above what a policy earns that
/// draws its actions uniformly: the mean `return.random` over the runs of the same task. A mean of fewer than
/// ten episodes, on either side, judges nobody.
int no_better_than_random(const Results& results, const std::vector<Point>& points);

}  // namespace crosstalk::figures
