#pragma once

#include <cstdint>
#include <vector>

namespace crosstalk::measure {

/// What one update did to the network's outputs at the samples of a measurement.
struct Change {
  std::int64_t train, test, outputs;  // samples of each split, training samples first; outputs of a sample
  std::vector<double> before, after;  // (train + test, outputs)
  std::vector<std::int64_t> heads;    // sizes of the choices that the outputs divide into
  bool values;                        // the outputs are values of actions

  struct Part {
    const char* split;
    std::int64_t first, last;  // samples [first, last)
  };
  std::vector<Part> parts() const { return {{"train", 0, train}, {"test", train, train + test}}; }
  const double* before_of(std::int64_t sample) const { return before.data() + sample * outputs; }
  const double* after_of(std::int64_t sample) const { return after.data() + sample * outputs; }
};

}  // namespace crosstalk::measure
