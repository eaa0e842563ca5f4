#include "stats/bootstrap.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "base/error.hpp"
#include "stats/draws.hpp"
#include "stats/moments.hpp"
#include "stats/summary.hpp"

namespace crosstalk::stats {
namespace {

/// Draws and adds. The width is known to the compiler for the two cases that are hot (r: 6, partial r with
/// two covariates: 15); others take the same loop with the width at run time.
template <int fixed>
void draw_and_add(std::span<const double> units, int runtime_width, Draws& draws, double* sums) {
  const int width = fixed > 0 ? fixed : runtime_width;
  const auto count = static_cast<std::uint32_t>(units.size() / width);
  for (int j = 0; j < width; ++j) sums[j] = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const double* unit = units.data() + std::size_t{draws.below(count)} * width;
    for (int j = 0; j < width; ++j) sums[j] += unit[j];
  }
}

/// Why there can be no interval, or nothing.
std::string reason_against(const Points& points, const BootstrapOptions& options) {
  const int configurations = points.configurations();
  if (configurations < options.least_configurations) {
    return "fewer than " + std::to_string(options.least_configurations) + " configurations";
  }
  return {};
}

/// Moments of each unit: a unit is a point, or all points of a configuration.
std::vector<double> units_of(const Points& points, const Standardised& standard, Resampling resampling) {
  const int variables = static_cast<int>(standard.columns.size());
  const int width = moments_width(variables);
  const bool single = resampling == Resampling::runs;
  std::vector<int> unit(points.configuration.size());
  std::vector<int> seen;  // the configurations in order of first appearance
  for (std::size_t i = 0; i < unit.size(); ++i) {
    if (single) {
      unit[i] = static_cast<int>(i);
      continue;
    }
    const auto place = std::find(seen.begin(), seen.end(), points.configuration[i]);
    unit[i] = static_cast<int>(place - seen.begin());
    if (place == seen.end()) seen.push_back(points.configuration[i]);
  }
  std::vector<double> units((single ? unit.size() : seen.size()) * width, 0.0);
  std::vector<double> point(variables);
  for (std::size_t i = 0; i < unit.size(); ++i) {
    for (int j = 0; j < variables; ++j) point[j] = standard.columns[j][i];
    add_point(point, units.data() + static_cast<std::size_t>(unit[i]) * width);
  }
  return units;
}

Interval percentile(std::span<const double> values, double level) {
  std::vector<double> there;
  std::copy_if(values.begin(), values.end(), std::back_inserter(there),
               [](double value) { return !std::isnan(value); });
  if (there.size() * 10 < values.size() * 9)
    return Interval::none("more than one resample in ten has no value");
  std::sort(there.begin(), there.end());
  return {sorted_quantile(there, (1 - level) / 2), sorted_quantile(there, (1 + level) / 2), {}};
}

std::string stream_name(std::string_view name, Resampling resampling) {
  return std::string(name) + (resampling == Resampling::runs ? "/runs" : "/configurations");
}

}  // namespace

int Points::configurations() const {
  std::vector<int> sorted = configuration;
  std::sort(sorted.begin(), sorted.end());
  return static_cast<int>(std::unique(sorted.begin(), sorted.end()) - sorted.begin());
}

std::vector<double> resample(std::span<const double> units, int width, int outputs,
                             const Statistic& statistic, std::string_view name, int resamples) {
  Draws draws(name);
  std::vector<double> sums(width), out(outputs), all(static_cast<std::size_t>(outputs) * resamples);
  for (int b = 0; b < resamples; ++b) {
    if (width == moments_width(2)) {
      draw_and_add<moments_width(2)>(units, width, draws, sums.data());
    } else if (width == moments_width(4)) {
      draw_and_add<moments_width(4)>(units, width, draws, sums.data());
    } else {
      draw_and_add<0>(units, width, draws, sums.data());
    }
    statistic(sums.data(), out.data());
    for (int j = 0; j < outputs; ++j) all[static_cast<std::size_t>(j) * resamples + b] = out[j];
  }
  return all;
}

Interval percentile_interval(const Resamples& resamples, double level) {
  if (!resamples.undefined.empty()) return Interval::none(resamples.undefined);
  return percentile(resamples.values, level);
}

Resamples resample_correlation(const Points& points, Resampling resampling, std::string_view name,
                               const BootstrapOptions& options) {
  const Standardised standard = standardise(points.columns);
  if (!standard.undefined.empty()) return {{}, standard.undefined};
  if (std::string why = reason_against(points, options); !why.empty()) return {{}, std::move(why)};
  if (standard.deviation[0] == 0 || standard.deviation[1] == 0) return {{}, "a variable is constant"};
  const int variables = static_cast<int>(points.columns.size());
  return {resample(
              units_of(points, standard, resampling), moments_width(variables), 1,
              [variables](const double* sums, double* out) { *out = correlation_of(sums, variables); },
              stream_name(name, resampling), options.resamples),
          {}};
}

Interval bootstrap_correlation(const Points& points, Resampling resampling, std::string_view name,
                               const BootstrapOptions& options) {
  return percentile_interval(resample_correlation(points, resampling, name, options), options.level);
}

Resamples resample_mean(const Points& points, Resampling resampling, std::string_view name,
                        const BootstrapOptions& options) {
  const Standardised standard = standardise(std::span(points.columns).first(1));
  if (!standard.undefined.empty()) return {{}, standard.undefined};
  if (std::string why = reason_against(points, options); !why.empty()) return {{}, std::move(why)};
  const double mean = standard.mean[0], deviation = standard.deviation[0];
  return {resample(
              units_of(points, standard, resampling), moments_width(1), 1,
              [&](const double* sums, double* out) { *out = mean + deviation * sums[1] / sums[0]; },
              stream_name(name, resampling), options.resamples),
          {}};
}

Interval bootstrap_mean(const Points& points, Resampling resampling, std::string_view name,
                        const BootstrapOptions& options) {
  return percentile_interval(resample_mean(points, resampling, name, options), options.level);
}

LineIntervals bootstrap_line(const Points& points, Resampling resampling, std::span<const double> at,
                             std::string_view name, const BootstrapOptions& options) {
  const auto none = [&](const std::string& why) {
    return LineIntervals{Interval::none(why), std::vector<Interval>(at.size(), Interval::none(why))};
  };
  const Standardised standard = standardise(std::span(points.columns).first(2));
  if (!standard.undefined.empty()) return none(standard.undefined);
  if (std::string why = reason_against(points, options); !why.empty()) return none(why);
  if (standard.deviation[0] == 0) return none("x is constant");
  const double scale = standard.deviation[1] / standard.deviation[0];
  const int outputs = 1 + static_cast<int>(at.size());
  const std::vector<double> values = resample(
      units_of(points, standard, resampling), moments_width(2), outputs,
      [&](const double* sums, double* out) {
        const LineOfMoments line = line_of(sums, 2);
        out[0] = line.slope * scale;
        for (std::size_t i = 0; i < at.size(); ++i) {
          const double x = (at[i] - standard.mean[0]) / standard.deviation[0];
          out[1 + i] = standard.mean[1] + standard.deviation[1] * (line.intercept + line.slope * x);
        }
      },
      stream_name(name, resampling), options.resamples);
  const auto interval = [&](int output) {
    return percentile(
        std::span(values).subspan(static_cast<std::size_t>(output) * options.resamples, options.resamples),
        options.level);
  };
  LineIntervals result{interval(0), {}};
  for (int i = 1; i < outputs; ++i) result.heights.push_back(interval(i));
  return result;
}

}  // namespace crosstalk::stats
