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

/// What a set of trajectories is, from its trajectories.json and the sizes of its files. `check`: their
/// contents are read and compared with their digests, too; Error(data) where a file is not what it should be.
std::string info_on_trajectories(const std::string& folder, bool check);

/// Has each episode of a whole set read as what trajectories.json says it is; Error(data) at the first that
/// is not. Nothing where the set is not complete.
void read_all_trajectories(const std::string& folder, const Context& context);

}  // namespace crosstalk::cli
