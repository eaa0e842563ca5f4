#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/json.hpp"
#include "work/child.hpp"
#include "work/signals.hpp"

namespace crosstalk::work {

/// Who follows the collecting of trajectories.
class CollectingWatcher {
 public:
  virtual ~CollectingWatcher() = default;
  virtual void progressed(std::int64_t steps, std::int64_t of, std::int64_t episodes) = 0;
  virtual void remark(const std::string& what) = 0;
  virtual void stopping(bool at_once) = 0;
};

/// Has one worker do what the message `collect` asks (base/message.hpp), and returns its answer, of status
/// "done" or "stopped". The first interrupt asks it to stop, the second ends it: then the answer is "stopped"
/// without more. Error of the worker's kind and message where it failed; Error(environment) where it died.
Json collect(const Command& worker, Json order, CollectingWatcher& watcher, const Interrupts& interrupts);

}  // namespace crosstalk::work
