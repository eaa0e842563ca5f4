#pragma once

#include <string_view>

namespace crosstalk::figures {

struct Results;
struct MeasuredRun;

/// How large a run's network is: its number of parameters where the shape of its input is known (the five
/// built-in datasets, and own data whose entry in the study says "input_shape" and "outputs"), otherwise, or
/// with network.layers, the sum of its layers' widths. An agent's network sees 4 channels, the window's mask
/// and the revealed image, and has an output for each class and each of the 4 moves. Which of the two is
/// `unit`; within an experiment it is the same (point.cpp counts units for all where one run has no other).
struct Capacity {
  double value = 0;
  std::string_view unit = "parameters";  // or "units"
};
Capacity capacity_of(const Results& results, const MeasuredRun& run);
Capacity capacity_in_units(const Results& results, const MeasuredRun& run);  // whatever is known of its shape
bool has_own_layers(const MeasuredRun& run);                                 // those of network.layers

}  // namespace crosstalk::figures
