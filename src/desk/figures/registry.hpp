#pragma once

#include <memory>
#include <vector>

#include "figures/figure.hpp"

namespace crosstalk::figures {

/// Every figure, in the order of the report.
std::vector<std::unique_ptr<Figure>> all_figures();

}  // namespace crosstalk::figures
