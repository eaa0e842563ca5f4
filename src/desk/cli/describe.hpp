#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/rows.hpp"
#include "store/store.hpp"

namespace crosstalk::cli {

/// "network.hidden 16, task.examples 100, seed 2": a run by what sets it apart in its study.
std::string describe(const Json& configuration, const std::vector<std::string>& swept, std::uint64_t seed);

/// The last measurement in a few words: "test accuracy 0.93, gap 0.041, interference 2.1e-03".
std::string last_results(const std::vector<Row>& rows);

/// How many runs there are of each status, among those that are named.
struct Counts {
  int pending = 0, running = 0, done = 0, diverged = 0, failed = 0;
  int all() const { return pending + running + done + diverged + failed; }
};
Counts count(const std::vector<store::RunRecord>& runs);

/// "3 of 12 runs", "0 of 1 run".
std::string of_all(int some, int all);

/// ", 2 diverged, 1 failed": what stands behind the runs that are done; empty where all of them are.
std::string ended_otherwise(const Counts& counts);

/// What is to be known of runs beside how they stand: those that moved between machines, cannot be repeated,
/// or are no longer named. Lines; empty where there is nothing.
std::string remarks_on(const std::vector<store::RunRecord>& runs);

/// "run 1a2b: it has 480 of its 500 rows; run 3c4d: ..., and 3 more"
std::string describe(const std::vector<store::Damage>& damage);

}  // namespace crosstalk::cli
