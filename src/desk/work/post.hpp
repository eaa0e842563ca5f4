#pragma once

#include <deque>
#include <optional>

#include "work/coordinator.hpp"
#include "work/worker.hpp"

namespace crosstalk::work {

/// A worker and what it is doing.
struct Coordinator::Post {
  explicit Post(const Command& command) : worker(command) {}
  Worker worker;
  std::deque<Json> inbox;  // what it has sent and nobody has looked at
  Json machine;            // null until `ready`
  std::optional<Assignment> assignment;
  bool asked = false, heard = false;  // for an answer, not for a run; and it has spoken of its assignment
  double since = 0;
  bool waits = false;                 // for its rows to be durable
  std::optional<std::string> ending;  // it is of no more use: why; empty where its end tells
  bool lost = false;                  // and its run is somebody else's
};

}  // namespace crosstalk::work
