#pragma once

#include <optional>
#include <string>
#include <vector>

namespace crosstalk::cluster {

/// What a program has printed, and how it ended.
struct Ended {
  int status = -1;  // 128 + N where signal N ended it
  std::string output, errors;
};

/// Runs a program that is looked for on PATH, with no input, and without those variables of the environment
/// that would change what it is asked (SBATCH_TIMELIMIT comes before what a script says; SQUEUE_STATES hides
/// jobs): SBATCH_*, but for the account, the QOS and the reservation, SQUEUE_*, SINFO_* and SCANCEL_*.
/// Nothing where there is none of that name.
/// Error(environment) where it cannot be started for another reason, or does not end within two minutes: a
/// controller of a cluster that does not answer.
std::optional<Ended> run_program(const std::vector<std::string>& arguments);

}  // namespace crosstalk::cluster
