#pragma once

#include "base/json.hpp"

namespace crosstalk::figures {

struct Results;

/// The stored Gram matrices of a few runs: in each experiment that has any, of the run with the median
/// capacity and the lowest seed at the smallest and at the largest number of examples. A list of {"run",
/// "experiment", "nT", "name" ("loss_gram", "function_gram"), "split", "step", "shape", "values" (row-major),
/// "rows" (of the dataset), "labels"}.
Json grams_of(const Results& results);

}  // namespace crosstalk::figures
