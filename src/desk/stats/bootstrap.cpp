#include "stats/bootstrap.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "stats/draws.hpp"
#include "stats/jackknife.hpp"
#include "stats/moments.hpp"
#include "stats/summary.hpp"

namespace crosstalk::stats {
namespace {

/// Moments of each run: `variables` of them.
template <int variables>
std::vector<double> units_of(const Standardised& standard) {
  constexpr int width = moments_width(variables);
  const std::size_t count = standard.columns[0].size();
  std::vector<double> units(count * width, 0.0);
  std::vector<double> point(variables);
  for (std::size_t i = 0; i < count; ++i) {
    for (int j = 0; j < variables; ++j) point[j] = standard.columns[j][i];
    add_point(point, units.data() + i * width);
  }
  return units;
}

/// The statistic of the sums of each resample, which draws as many runs as there are.
template <int variables, class Statistic>
std::vector<double> resample(const Standardised& standard, Statistic statistic, std::string_view name,
                             int resamples) {
  constexpr int width = moments_width(variables);  // known to the compiler: this loop is the hot one
  const std::vector<double> units = units_of<variables>(standard);
  const auto count = static_cast<std::uint32_t>(units.size() / width);
  Draws draws(std::string(name) + "/runs");
  std::vector<double> sums(width), values;
  for (int b = 0; b < resamples; ++b) {
    std::fill(sums.begin(), sums.end(), 0.0);
    for (std::uint32_t i = 0; i < count; ++i) {
      const double* unit = units.data() + std::size_t{draws.below(count)} * width;
      for (int j = 0; j < width; ++j) sums[j] += unit[j];
    }
    values.push_back(statistic(sums.data()));
  }
  return values;
}

Interval percentile(const std::vector<double>& values, double level) {
  std::vector<double> there;
  std::copy_if(values.begin(), values.end(), std::back_inserter(there),
               [](double value) { return !std::isnan(value); });
  if (there.size() * 10 < values.size() * 9)
    return Interval::none("more than one resample in ten has no value");
  std::sort(there.begin(), there.end());
  return {sorted_quantile(there, (1 - level) / 2), sorted_quantile(there, (1 + level) / 2), {}};
}

std::string reason_against(const Points& points, const Standardised& standard) {
  if (!standard.undefined.empty()) return standard.undefined;
  return points.configurations() < least_configurations
             ? "fewer than " + std::to_string(least_configurations) + " configurations"
             : "";
}

}  // namespace

Interval bootstrap_correlation(const Points& points, std::string_view name, const BootstrapOptions& options) {
  const Standardised standard = standardise(std::span(points.columns).first(2));
  if (std::string why = reason_against(points, standard); !why.empty()) return Interval::none(std::move(why));
  if (standard.deviation[0] == 0 || standard.deviation[1] == 0)
    return Interval::none("a variable is constant");
  const auto r = [](const double* sums) { return correlation_of(sums, 2); };
  return percentile(resample<2>(standard, r, name, options.resamples), options.level);
}

Interval bootstrap_mean(const Points& points, std::string_view name, const BootstrapOptions& options) {
  const Standardised standard = standardise(std::span(points.columns).first(1));
  if (std::string why = reason_against(points, standard); !why.empty()) return Interval::none(std::move(why));
  const auto mean = [&](const double* sums) {
    return standard.mean[0] + standard.deviation[0] * sums[1] / sums[0];
  };
  return percentile(resample<1>(standard, mean, name, options.resamples), options.level);
}

}  // namespace crosstalk::stats
