#pragma once

#include <string>
#include <vector>

namespace crosstalk::study {

/// The names in base/measures.def, in its order: all, or those that fit a kind of task, where its agent
/// learns on some of the levels alone or not, and those that need scalar errors or not.
std::vector<std::string> measure_names();
std::vector<std::string> measure_names(const std::string& kind, bool few_levels = false,
                                       bool has_errors = true);

}  // namespace crosstalk::study
