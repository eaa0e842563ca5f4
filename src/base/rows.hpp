#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.hpp"

namespace crosstalk {

/// One measured number of a run. `split` says of what it was measured: "train", "test", a pair of those such
/// as "train-test", or what a task without examples has, such as "states".
struct Row {
  std::int64_t step;  // before the measurement; of what probe.unit counts: updates, steps, episodes
  std::string measure;
  std::string split;
  double value;
};

/// A measured array of a run: a Gram matrix, a spectrum, a curve over offsets.
struct Array {
  std::int64_t step;
  std::string name;
  std::string split;
  std::vector<std::int64_t> shape;
  std::vector<double> values;  // row-major, as many as the shape's product
  /// What the axes are, an entry for each that has a name: {"0": {"name": "offset", "labels": [-1, 0, 1]}};
  /// labels, which may be missing, are numbers or texts, as many as the axis is long. The Grams of training
  /// samples have {"rows": [...], "labels": [...]} of both axes: rows of the data set, and their classes.
  /// Null: nobody says.
  Json axes;
};

}  // namespace crosstalk
