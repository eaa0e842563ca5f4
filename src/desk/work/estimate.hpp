#pragma once

#include <string>
#include <vector>

#include "study/configuration.hpp"
#include "work/coordinator.hpp"
#include "work/data.hpp"

namespace crosstalk::work {

/// How much a run has to do, for orders and estimates: updates (of an agent: environment steps, each with its
/// share of an update), probes, and multiplications and additions by the shapes of the paper's networks (a
/// network of its own layers counts as a middling one).
struct Work {
  double updates = 0, probes = 0;
  double per_update = 0, per_probe = 0;  // multiply-adds, with a constant for what is no arithmetic
  double total() const { return updates * per_update + probes * per_probe; }
};

Work work_of(const study::Configuration& run, const Datasets& datasets);

/// At most `count` runs of different amounts of work, the least and the most among them.
std::vector<study::Configuration> representatives(const std::vector<study::Configuration>& runs,
                                                  const Datasets& datasets, std::size_t count);

/// Seconds for each of `runs`, from timings of some of them: between two timed ones, the speed is
/// interpolated.
std::vector<double> estimate(const std::vector<study::Configuration>& runs, const Datasets& datasets,
                             const std::vector<study::Configuration>& timed,
                             const std::vector<Timing>& timings);

/// Seconds on the clock when `jobs` workers share runs that take so long.
double elapsed(std::vector<double> seconds, int jobs);

/// As many as were asked for, or the physical cores; never more than there are runs.
int jobs_for(std::size_t runs, int asked);

/// Cores that are no second thread of another (/sys), among those this process may use; at least 1.
int physical_cores();

}  // namespace crosstalk::work
