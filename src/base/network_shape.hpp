#pragma once

#include "base/layer_shape.hpp"

namespace crosstalk {

/// A network as a study says it, as far as shapes go.
struct NetworkShape {
  Extents input;
  std::int64_t outputs = 0, hidden = 0, depth = 0, head = 0;
  std::vector<std::string> layers;  // empty: the paper's, by hidden, depth and head; "by-observation" alone:
                                    // the usual ones for the input and for what learns
  std::string algorithm = {};

  std::vector<std::string> lines() const;
};

/// Why a network does not take what `dataset` holds, with the least images that it takes; empty where it
/// does. No data set: what an environment shows.
std::string unfit_for_network(const std::string& dataset, const NetworkShape& shape);

}  // namespace crosstalk
