#pragma once

#include <string>
#include <vector>

#include "study/configuration.hpp"

namespace crosstalk::study {

/// What the algorithms of one experiment differ in.
struct Differing {
  std::string heading;            // "also differ with learner.algorithm (give them to hold them fixed):"
  std::vector<std::string> keys;  // "learner.rate: 0.001 (dqn, ql), 0.0005 (mc)", one each
};

/// A study that sweeps learner.algorithm compares the algorithms with their defaults, and these differ. For
/// each experiment the keys of task, network and learner that are no axis, count for several of its
/// algorithms and have not one value in them. Of more than three algorithms the most that have one value are
/// "others". Where a key's words go with some algorithms only, those that share no word with the others are
/// left out. Empty where there are none.
std::vector<Differing> differing_with_algorithm(const std::vector<Configuration>& runs,
                                                const std::vector<std::string>& swept);

}  // namespace crosstalk::study
