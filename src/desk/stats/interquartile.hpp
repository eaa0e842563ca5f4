#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "stats/bootstrap.hpp"
#include "stats/estimate.hpp"

namespace crosstalk::stats {

constexpr std::size_t least_runs = 3;  // of each task; below: no interval

/// The interquartile mean as rliable has it (Agarwal et al., "Deep reinforcement learning at the edge of the
/// statistical precipice", 2021): of n values sorted, the mean of those that are left without the
/// floor(n / 4) least and the floor(n / 4) largest (SciPy's trim_mean with a quarter cut at each end). Of
/// three values it is their mean. Undefined for no value or one that is not finite.
Estimate interquartile_mean(std::span<const double> values);

/// Its interval, as rliable has it: percentiles of a bootstrap that is stratified by task. A resample has as
/// many runs of each task as there are, drawn from the runs of that task. `tasks`: the scores of each task's
/// runs. The random numbers follow from `name`, and runs must come in an order of their own. With few runs it
/// is too narrow (docs/statistics.md).
Interval interquartile_interval(const std::vector<std::vector<double>>& tasks, std::string_view name,
                                const BootstrapOptions& options = {});

}  // namespace crosstalk::stats
