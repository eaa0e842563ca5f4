#pragma once

#include <string>

#include "figures/claims/evaluate.hpp"

/// What the claims table says in words.
namespace crosstalk::figures {

/// "r", "pooled r", "mean", "median", "slope".
std::string name_of(const study::Statistic& statistic);

/// What the study shows: "r = 0.83 (90% interval 0.61 to 0.92, n = 48, 12 configurations)", and who is left
/// out.
std::string shown(const study::Rule& rule, const Evaluation& evaluation);

/// "r = 0.83", of one group, with its interval and n.
std::string in_words(const study::Rule& rule, const Group& group);

/// What would decide an undecided claim, or test one that is not; empty for the others.
std::string what_decides(const study::Rule& rule, const Evaluation& evaluation, bool any_runs);

/// How many configurations a fresh replication would need in each group; 0 where none can be told, or none
/// would do.
int replication(const study::Rule& rule, const Evaluation& evaluation);

/// Why an r over several sizes says little; empty where it is not such a one.
std::string in_words_confounded(const Evaluation& evaluation);

}  // namespace crosstalk::figures
