#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "cli/command.hpp"
#include "work/signals.hpp"

/// What the subcommands of `crosstalk trajectories` do.
namespace crosstalk::cli {

struct CollectOptions {
  std::string environment, out, policy, expert, device;
  double epsilon = -1;  // below 0: not said
  std::int64_t transitions = 0;
  std::uint64_t seed = 0;
  std::vector<std::string> sets;
  double checkpoint_seconds = 30;
  bool ram = false;
  std::filesystem::path base = {};  // where the path of a class of one's own begins; empty: here
};

/// Collects, or goes on, under a bar of its own. The answer: "status" ("done" or "stopped"), "steps",
/// "episodes", "was_complete".
Json collected(const CollectOptions& options, const Context& context, const work::Interrupts& interrupts);

/// Collects, or goes on; prints how it ended and returns the exit code.
int collect_trajectories(const CollectOptions& options, const Context& context);

/// What a set of trajectories is, from its trajectories.json and the sizes of its files. Error(data) where a
/// file has another size.
std::string info_on_trajectories(const std::string& folder);

/// The same where the files have the contents that their digests stand for, and each episode of a whole set
/// is what trajectories.json says it is; Error(data) where not.
std::string checked_trajectories(const std::string& folder, const Context& context);

}  // namespace crosstalk::cli
