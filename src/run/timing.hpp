#pragma once

#include "run/run.hpp"

namespace crosstalk::run {

struct Timing {
  double update_seconds, probe_seconds;  // of one
  double row_bytes;                      // of one probe's rows, as they are sent
};

/// Times updates and a probe of a run that is then of no more use. The first of each makes room and fills
/// caches, and is not counted unless it alone takes long.
Timing time_run(Run& run);

}  // namespace crosstalk::run
