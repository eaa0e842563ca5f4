#pragma once

#include <string>
#include <vector>

#include "study/configuration.hpp"

namespace crosstalk::study {

/// A study that sweeps learner.algorithm compares the algorithms with their defaults, and these differ. For
/// each experiment a sentence on the keys of task, network and learner that are no axis, count for several of
/// its algorithms and have not one value in them: "also differ with learner.algorithm: learner.rate 0.001
/// (dqn), ...". Keys that no value fits in all of these algorithms are left out. Empty where there are none.
std::vector<std::string> differing_with_algorithm(const std::vector<Configuration>& runs,
                                                  const std::vector<std::string>& swept);

}  // namespace crosstalk::study
