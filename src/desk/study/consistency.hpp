#pragma once

#include "study/resolve.hpp"

namespace crosstalk::study {

/// What single keys cannot show: values that contradict each other.
/// A problem stands at the line of the first of its keys that was said.
void check_consistency(const Values& values, const Experiment& experiment, Problems& problems);

}  // namespace crosstalk::study
