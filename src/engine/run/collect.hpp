#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/settings.hpp"
#include "run/loop.hpp"
#include "run/task.hpp"

namespace crosstalk::run {

/// What trajectories are asked for (base/message.hpp, `collect`).
struct CollectOrder {
  std::filesystem::path folder;
  Settings settings;  // task.* of an environment in Python, runtime.*
  Json task;          // the keys of the task that count, as trajectories.json has them
  OwnFile file;     // of a class of the user's own
  std::uint64_t seed = 0;
  std::int64_t transitions = 0;                 // at most
  std::optional<std::filesystem::path> expert;  // nothing: actions are drawn uniformly
  double epsilon = 0;                           // the share of an expert's actions that is drawn so, too
  double checkpoint_seconds = 30;               // between what is put on the disk
  bool ram = false;                             // the console's memory is kept

  static CollectOrder read(const Json& message);
};

/// Who follows it.
class CollectWatcher {
 public:
  virtual ~CollectWatcher() = default;
  /// Called at each step; cheap. `steps`: of whole episodes and of the one that goes on. True: end here.
  virtual bool asked_to_stop(std::int64_t steps, std::int64_t episodes) = 0;
  /// Its episodes cannot be had again, and why; and that episodes were cut.
  virtual void remark(const std::string& what) = 0;
};

struct Collected {
  Ending ending;  // done, or stopped: the same order goes on
  std::int64_t steps, episodes;
  bool was_complete;  // there was nothing to do
};

/// Plays whole episodes one after the other and stores them (replay/storing.hpp) until another would go over
/// `transitions`. Levels and actions have streams of their own, so that the set follows from the order alone.
/// What is gathered goes to the disk now and then, and the same order goes on from there.
///
/// Error(config) where an episode is longer than all that is asked for, where the expert is one of another
/// network or environment, where there is no memory to keep, or where the folder holds another set.
Collected collect(const CollectOrder& order, CollectWatcher& watcher);

}  // namespace crosstalk::run
