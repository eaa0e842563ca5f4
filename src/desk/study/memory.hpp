#pragma once

#include "study/resolve.hpp"

namespace crosstalk::study {

/// Refuses a probe whose Gram matrices alone take more than runtime.memory, before a run starts. Of rows,
/// whose number only the data know, those count that a run is sure to measure; the engine refuses the rest
/// when it measures first.
void check_memory(const Values& values, const Experiment& experiment, Problems& problems);

}  // namespace crosstalk::study
