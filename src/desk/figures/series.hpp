#pragma once

#include <set>
#include <string>
#include <vector>

namespace crosstalk::figures {

struct Choice;
struct Results;
struct MeasuredRun;

/// Keeps the runs that the choice asks for, and divides each experiment by its swept keys: runs that differ
/// in one of them are another series, named "digits (learner.optimizer adam)". Without a choice these are all
/// swept keys but the sizes (task.examples and the network's), as long as there are at most 8 series; what is
/// left is pooled, and said (`Experiment::pooled`).
void divide_into_series(Results& results, const Choice& choice);

/// The swept keys, seed and, unless they are asked for, sizes apart, in which runs of one series differ.
std::vector<std::string> pooled_keys(const std::vector<const MeasuredRun*>& runs, bool with_sizes = false);

}  // namespace crosstalk::figures
