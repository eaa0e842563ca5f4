#pragma once

#include <string_view>

namespace crosstalk::figures {

struct Results;
struct MeasuredRun;

/// How large a run's network is: its number of parameters, as the engine said when the run began; where the
/// store keeps none (results of an earlier version) the sum of its layers' widths. Which of the two is
/// `unit`; within an experiment it is the same (point.cpp counts units for all where one run has no other).
struct Capacity {
  double value = 0;
  std::string_view unit = "parameters";  // or "units"
};
Capacity capacity_of(const Results& results, const MeasuredRun& run);
Capacity capacity_in_units(const Results& results, const MeasuredRun& run);
bool has_own_layers(const MeasuredRun& run);  // those of network.layers

}  // namespace crosstalk::figures
