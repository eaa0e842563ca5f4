#pragma once

#include <string>
#include <vector>

namespace crosstalk::study {

/// The names in base/measures.def, in its order: all, or those that fit a kind of task.
std::vector<std::string> measure_names();
std::vector<std::string> measure_names(const std::string& kind);

}  // namespace crosstalk::study
