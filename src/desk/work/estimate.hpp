#pragma once

#include <map>
#include <string>
#include <vector>

#include "study/configuration.hpp"
#include "work/coordinator.hpp"
#include "work/data.hpp"

namespace crosstalk::work {

/// The networks of a study's runs, by `network_key`, as the engine says them.
using Networks = std::map<std::string, NetworkSize>;

/// What decides a run's network, equal for runs whose networks are of one size.
std::string network_key(const study::Configuration& run);

/// Asks the engine for each network that is not among `known`, once. Error(config) where it refuses one,
/// Error(environment) where this machine can do none; fewer when interrupted, and without those of which no
/// worker could speak.
Networks describe_networks(Coordinator& coordinator, const std::vector<study::Configuration>& runs,
                           const Datasets& datasets, Networks known = {});

/// Whether a run is as long as learner.steps says, in an environment; others are by learner.updates.
bool counts_steps(const study::Configuration& run);

/// How much a run has to do, for orders and estimates: updates (of what acts: environment steps, each with
/// its share of an update), probes, and multiplications with their additions.
struct Work {
  double updates = 0, probes = 0;
  double per_update = 0, per_probe = 0;  // multiply-adds, with a constant for what is no arithmetic
  double total() const { return updates * per_update + probes * per_probe; }
};

/// A network that is not among `networks` counts as nothing beside the constant.
Work work_of(const study::Configuration& run, const Datasets& datasets, const Networks& networks);

/// Of each run the whole.
std::vector<double> totals(const std::vector<study::Configuration>& runs, const Datasets& datasets,
                           const Networks& networks);

/// At most `count` runs of different amounts of work, the least and the most among them.
std::vector<study::Configuration> representatives(const std::vector<study::Configuration>& runs,
                                                  const Datasets& datasets, const Networks& networks,
                                                  std::size_t count);

/// Seconds for each of `runs`, from timings of some of them: between two timed ones, the speed is
/// interpolated.
std::vector<double> estimate(const std::vector<study::Configuration>& runs, const Datasets& datasets,
                             const Networks& networks, const std::vector<study::Configuration>& timed,
                             const std::vector<Answer>& timings);

/// Seconds on the clock when `jobs` workers share runs that take so long.
double elapsed(std::vector<double> seconds, int jobs);

/// As many as were asked for, or the physical cores; never more than there are runs.
int jobs_for(std::size_t runs, int asked);

/// Cores that are no second thread of another (/sys), among those this process may use; at least 1.
int physical_cores();

}  // namespace crosstalk::work
