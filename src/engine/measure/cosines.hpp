#pragma once

#include "measure/neighbours.hpp"

namespace crosstalk::measure {

/// Cosines of each sample's gradient with those at other rows of its table. NaN: there is no such row, it has
/// no gradient (no aim), or one of the two is 0.
struct Cosines {
  Neighbours near;                // the samples at offset 0
  std::vector<double> along;      // (samples, offsets)
  std::vector<data::Id> others;   // rows at random, none of the samples
  std::vector<double> apart;      // (samples, others)
  std::vector<double> distances;  // (samples, others), of the console's memory; empty: nobody asked
};

}  // namespace crosstalk::measure
