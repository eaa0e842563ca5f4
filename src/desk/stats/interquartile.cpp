#include "stats/interquartile.hpp"

#include <algorithm>
#include <numeric>
#include <string>

#include "stats/draws.hpp"
#include "stats/summary.hpp"

namespace crosstalk::stats {
namespace {

/// The mean of the middle half; the values' order is lost.
double mean_of_middle(std::vector<double>& values) {
  std::sort(values.begin(), values.end());
  const auto cut = static_cast<std::ptrdiff_t>(values.size() / 4);
  const double sum = std::accumulate(values.begin() + cut, values.end() - cut, 0.0);
  return sum / static_cast<double>(std::ssize(values) - 2 * cut);
}

}  // namespace

Estimate interquartile_mean(std::span<const double> values) {
  if (std::string why = reason_against(values); !why.empty()) return Estimate::none(std::move(why));
  std::vector<double> sorted(values.begin(), values.end());
  return {mean_of_middle(sorted), {}};
}

Interval interquartile_interval(const std::vector<std::vector<double>>& tasks, std::string_view name,
                                const BootstrapOptions& options) {
  if (tasks.empty()) return Interval::none("no value");
  for (const std::vector<double>& runs : tasks) {
    if (std::string why = reason_against(runs); !why.empty()) return Interval::none(std::move(why));
    if (runs.size() < least_runs) return Interval::none("fewer than " + std::to_string(least_runs) + " runs");
  }
  Draws draws(std::string(name) + "/interquartile");
  std::vector<double> resample, means;
  means.reserve(static_cast<std::size_t>(options.resamples));
  for (int b = 0; b < options.resamples; ++b) {
    resample.clear();
    for (const std::vector<double>& runs : tasks) {
      for (std::size_t i = 0; i < runs.size(); ++i)
        resample.push_back(runs[draws.below(static_cast<std::uint32_t>(runs.size()))]);
    }
    means.push_back(mean_of_middle(resample));
  }
  std::sort(means.begin(), means.end());
  return {
      sorted_quantile(means, (1 - options.level) / 2), sorted_quantile(means, (1 + options.level) / 2), {}};
}

}  // namespace crosstalk::stats
