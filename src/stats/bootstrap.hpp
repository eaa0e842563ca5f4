#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stats/estimate.hpp"

namespace crosstalk::stats {

/// What is drawn with replacement. Runs: each on its own, as the paper did. Configurations: each with all its
/// seeds, since seeds of one configuration resemble each other and are no independent points
/// (docs/statistics.md).
enum class Resampling { runs, configurations };

struct BootstrapOptions {
  int resamples = 2000;
  double level = 0.9;
  int least_configurations = 6;  // below: no interval, it would be worth nothing
};

/// Points: columns (x, y, then covariates) of equal length, and for each point its configuration (0, 1, ...).
struct Points {
  std::vector<std::vector<double>> columns;
  std::vector<int> configuration;

  int configurations() const;  // how many different ones
};

/// Percentile interval of the (partial) correlation of columns 0 and 1. The random numbers follow from
/// `name`, so the interval is the same on every machine and in every order of computing; points must come in
/// an order of their own (sorted by run). A resample without an r (all its points alike) is left out; if
/// those are more than one in ten, there is no interval.
Interval bootstrap_correlation(const Points& points, Resampling resampling, std::string_view name,
                               const BootstrapOptions& options = {});

/// The resampled values themselves, for what is made of two of them (a difference) or read at several levels;
/// or the reason why there are none. Not-a-number stands for a resample without a value.
struct Resamples {
  std::vector<double> values;
  std::string undefined;
};
Resamples resample_correlation(const Points& points, Resampling resampling, std::string_view name,
                               const BootstrapOptions& options = {});
Resamples resample_mean(const Points& points, Resampling resampling, std::string_view name,
                        const BootstrapOptions& options = {});
Interval percentile_interval(const Resamples& resamples, double level);

/// Percentile interval of the mean of column 0.
Interval bootstrap_mean(const Points& points, Resampling resampling, std::string_view name,
                        const BootstrapOptions& options = {});

/// Percentile intervals of the least-squares line of column 1 on column 0: of its slope, and of its height at
/// each place of `at` (a band).
struct LineIntervals {
  Interval slope;
  std::vector<Interval> heights;
};
LineIntervals bootstrap_line(const Points& points, Resampling resampling, std::span<const double> at,
                             std::string_view name, const BootstrapOptions& options = {});

/// The machine behind these. `units` are rows of `width` sums; each resample draws as many units as there
/// are, adds them up and hands the sums to `statistic`, which writes `outputs` numbers (not-a-number: none).
/// Returns outputs x resamples, row-major.
using Statistic = std::function<void(const double* sums, double* out)>;
std::vector<double> resample(std::span<const double> units, int width, int outputs,
                             const Statistic& statistic, std::string_view name, int resamples);

}  // namespace crosstalk::stats
