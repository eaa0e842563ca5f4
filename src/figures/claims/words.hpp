#pragma once

#include <string>

#include "figures/claims/evaluate.hpp"

/// What the claims table says in words.
namespace crosstalk::figures {

/// What the study shows: "r = 0.83 (90% interval 0.61 to 0.92, n = 48, 12 configurations)".
std::string shown(const study::Rule& rule, const Evaluation& evaluation);

/// "r = 0.83", of one group, with its interval and n.
std::string in_words(const study::Rule& rule, const Group& group);

/// What would decide an undecided claim, or test one that is not; empty for the others.
std::string what_decides(const study::Rule& rule, const Evaluation& evaluation, bool any_runs);

/// Why an r over all numbers of examples says little; empty where it is not such a one.
std::string in_words_confounded(const Evaluation& evaluation);

}  // namespace crosstalk::figures
