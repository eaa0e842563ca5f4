#pragma once

#include <string_view>

namespace crosstalk::stats {

/// A study as the simulation imagines it: so many configurations with so many seeds each; of the variance of
/// each variable the share `within` lies between seeds of one configuration, the rest between configurations.
/// Both layers are normal and have correlation r, so r is the truth for the runs.
struct Design {
  int configurations = 12;
  int seeds = 4;
  double within = 0.2;
  double r = 0.5;
};

/// How often the 90% intervals hold the true r. The binomial error of a share p is sqrt(p (1 - p) / trials).
struct Coverage {
  double runs = 0, configurations = 0;
  int trials = 0;
};
Coverage simulate_coverage(const Design& design, int trials, int resamples, std::string_view name);

}  // namespace crosstalk::stats
