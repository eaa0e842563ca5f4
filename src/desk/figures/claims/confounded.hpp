#pragma once

#include "figures/claims/evaluate.hpp"

namespace crosstalk::figures {

/// Where one r stands for several numbers of examples, or for networks of several sizes: how closely both of
/// its quantities follow those, and r within each number, or within each cell of number and network. And r
/// given how well each run fits its training data, where r is of a gap.
void look_within(const Results& results, const std::vector<const Point*>& points, const study::Rule& rule,
                 const study::Statistic& statistic, Evaluation& evaluation);

}  // namespace crosstalk::figures
