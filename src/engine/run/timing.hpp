#pragma once

#include <optional>

#include "run/keeping.hpp"

namespace crosstalk::run {

struct CheckpointCost {
  // At a run's end: with as many transitions as its replay comes to hold, in files beside it or in it.
  double bytes, seconds;
};

struct Timing {
  double update_seconds, probe_seconds;      // of one step (an agent's: in its environment), of one probe
  double row_bytes;                          // of one probe's rows, as they are sent
  std::optional<CheckpointCost> checkpoint;  // nothing where the folder for temporary files takes none
  std::optional<KeptSize> kept;              // nothing where nothing is kept
};

/// Times steps, a probe and a checkpoint (into the folder for temporary files) of a run that is then of no
/// more use. The first of each makes room and fills caches, and is not counted unless it alone takes long.
/// `keeps`: whether what is kept is measured too.
Timing time_run(Run& run, bool keeps);

}  // namespace crosstalk::run
