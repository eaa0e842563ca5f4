#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.hpp"

namespace crosstalk {

/// One measured number of a run. `split` is "train", "test", "train-train", "train-test" or "test-test".
struct Row {
  std::int64_t step;  // updates made before the measurement
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
  Json axes;  // what the axes are: {"0": {"name": "sample", "labels": [...]}, ...}; may be null
};

}  // namespace crosstalk
