#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/json.hpp"

namespace crosstalk::figures {

struct Choice;
struct Results;
struct MeasuredRun;

/// What a run's configuration has under a key, or null.
Json value_of(const MeasuredRun& run, const std::string& key);

/// "learner.rate 0.1 and network.hidden 16".
std::string words_for(const MeasuredRun& run, const std::vector<std::string>& keys);

/// The keys in which runs differ, with their values where they count.
using Values = std::map<std::string, std::set<std::string>>;
Values varying(const std::vector<const MeasuredRun*>& runs);

/// The keys that the studies say are swept.
std::set<std::string> stated_as_swept(const Results& results);

/// Keeps the runs that the choice asks for, and divides each experiment by its swept keys: runs that differ
/// in one of them are another series, named "digits (learner.optimizer adam)". Without a choice these are all
/// swept keys but the sizes (task.examples and the network's) and those whose values follow from the others,
/// as long as there are at most 8 series; what is left is pooled, and said (`Experiment::pooled`). A key is
/// in the names of those runs for which it counts.
void divide_into_series(Results& results, const Choice& choice);

/// The swept keys, seed and, unless they are asked for, sizes apart, in which runs of one series differ.
std::vector<std::string> pooled_keys(const std::vector<const MeasuredRun*>& runs, bool with_sizes = false);

}  // namespace crosstalk::figures
