#pragma once

#include <vector>

namespace crosstalk::stats {

/// Columns of equal length (x, y, then covariates), and for each point its configuration (any number). Where
/// `level` is not empty it has a number for each point, and a statistic looks within levels alone: each has a
/// mean of its own, as a factor of a linear model has.
struct Points {
  std::vector<std::vector<double>> columns;
  std::vector<int> configuration;
  std::vector<int> level;

  int configurations() const;  // how many different ones
  int levels() const;          // 1 where there is no factor
};

}  // namespace crosstalk::stats
