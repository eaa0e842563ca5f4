#pragma once

#include <string_view>

namespace crosstalk::stats {

/// Of which the interval is that a simulation looks at.
enum class Quantity { r, given_level, within_cell, pooled, mean, median, slope, height, difference, paired };

/// A study as the simulation imagines it: `levels` sizes with so many configurations each, so many seeds
/// each; of the variance of each variable the share `within` lies between seeds of one configuration, the
/// rest between configurations. Both layers have correlation r; with `opposite` that of the seeds is -r, and
/// the truth what the shares make of it. `heavy`: Student's t with 5 degrees of freedom in place of the
/// normal distribution.
struct Design {
  int configurations = 12;
  int seeds = 4;
  double within = 0.2;
  double r = 0.5;
  int levels = 1;
  bool opposite = false, heavy = false;
};

/// How often the 90% interval holds the truth, lies wholly above it, wholly below it; and how often that of
/// resampled runs holds it (of r and the mean; -1 otherwise). The binomial error of a share p is
/// sqrt(p (1 - p) / trials).
struct Coverage {
  double holds = 0, above = 0, below = 0, runs = -1;
  int trials = 0;
};
Coverage simulate_coverage(const Design& design, Quantity quantity, int trials, int resamples,
                           std::string_view name);

}  // namespace crosstalk::stats
