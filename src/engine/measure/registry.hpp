#pragma once

#include <memory>
#include <string>
#include <vector>

#include "measure/measure.hpp"

namespace crosstalk::measure {

/// All there are (base/measures.def), in the order in which their rows are made.
std::vector<std::unique_ptr<Measure>> all_measures();

/// Those named, in the registry's order; for an empty list all but those that are to be asked for.
/// Error(config) for a name that is not there.
std::vector<std::unique_ptr<Measure>> measures(const std::vector<std::string>& names);

/// No measure that a study names: it comes with every probe.
std::unique_ptr<Measure> gram_picture();

}  // namespace crosstalk::measure
