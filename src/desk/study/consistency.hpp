#pragma once

#include "study/resolve.hpp"

namespace crosstalk::study {

/// Whether data, environment, kind and algorithm go together; where they do not, no other problem of the
/// configuration means much. A problem stands at the line of the first of its keys that was said.
bool check_setup(const Values& values, const Experiment& experiment, Problems& problems);

/// What else single keys cannot show: values that contradict each other.
void check_consistency(const Values& values, const Experiment& experiment, Problems& problems);

}  // namespace crosstalk::study
