#pragma once

#include <string_view>

#include "stats/estimate.hpp"
#include "stats/points.hpp"

/// The paper's intervals: percentiles of a bootstrap that draws runs, as if they were independent. Seeds of
/// one configuration are not, so these are too narrow (docs/statistics.md); they stand beside those of
/// stats/jackknife.hpp under their own name. The random numbers follow from `name`, so an interval is the
/// same on every machine and in every order of computing; points must come in an order of their own (sorted
/// by run).
namespace crosstalk::stats {

struct BootstrapOptions {
  int resamples = 2000;
  double level = 0.9;
};

/// Of r of columns 0 and 1. A resample without an r (all its points alike) is left out; if those are more
/// than one in ten, there is no interval.
Interval bootstrap_correlation(const Points& points, std::string_view name,
                               const BootstrapOptions& options = {});

/// Of the mean of column 0.
Interval bootstrap_mean(const Points& points, std::string_view name, const BootstrapOptions& options = {});

}  // namespace crosstalk::stats
