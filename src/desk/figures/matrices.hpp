#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"

namespace crosstalk::figures {

struct Results;

/// The arrays of two dimensions that a few runs stored last: in each experiment that has any, of the run with
/// the median capacity and the lowest seed, at the smallest and at the largest number of examples where there
/// are examples. A list of {"run", "experiment", "nT", "name", "split", "step", "shape", "values"
/// (row-major), "axes" ([{"name", "labels"}, ...])}; a Gram of training samples ("loss_gram",
/// "function_gram") has "rows" (of the dataset) and "labels" (its classes) too. One of more than 1,024 x
/// 1,024 numbers is left out, and said in `notes`.
Json matrices_of(const Results& results, std::vector<std::string>& notes);

}  // namespace crosstalk::figures
