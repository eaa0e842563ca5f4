#pragma once

#include <string>
#include <vector>

namespace crosstalk::study {

/// The names in base/measures.def, in its order: all, or those that a study has without naming them in a kind
/// of task, its variant too ("levels" where an agent learns on some of the levels alone, "stored"), with
/// those that need scalar errors or without.
std::vector<std::string> measure_names();
std::vector<std::string> measure_names(const std::string& kind, const std::string& variant = "",
                                       bool has_errors = true);

}  // namespace crosstalk::study
