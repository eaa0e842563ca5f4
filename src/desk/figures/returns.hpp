#pragma once

#include <string>

#include "figures/results.hpp"

namespace crosstalk::figures {

/// What a run is about, whatever learns: its keys of the task, with the checksum of their data. What a policy
/// earns that acts at random depends on this and on the seed alone.
std::string task_of(const Results& results, const MeasuredRun& run);

/// Fills in `Experiment::no_better_than_random` of the results' experiments: of how many points the mean
/// `return` over the last quarter, after step 0, is not above the mean `return.random` over all runs of the
/// results with the same task, each seed's once, or not above the run's own `return` at step 0. A mean of
/// fewer than ten different episodes, on either side, judges nobody.
void judge_returns(Results& results);

}  // namespace crosstalk::figures
