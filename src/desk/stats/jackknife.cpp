#include "stats/jackknife.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "stats/correlation.hpp"
#include "stats/levels.hpp"
#include "stats/line.hpp"
#include "stats/moments.hpp"
#include "stats/summary.hpp"

namespace crosstalk::stats {
namespace {

constexpr double edge = 1 - 1e-12;  // |r| from which Fisher's z is no number to reckon with

/// The points of one level at a time.
std::vector<Points> split(const Points& points) {
  std::map<int, Points> levels;
  for (std::size_t i = 0; i < points.configuration.size(); ++i) {
    Points& one = levels[points.level.empty() ? 0 : points.level[i]];
    one.columns.resize(points.columns.size());
    for (std::size_t j = 0; j < points.columns.size(); ++j) one.columns[j].push_back(points.columns[j][i]);
    one.configuration.push_back(points.configuration[i]);
  }
  std::vector<Points> parts;
  for (auto& [_, part] : levels) parts.push_back(std::move(part));
  return parts;
}

/// Without points that are alone in their level: they say nothing of what happens within it, and their
/// configurations are none that could be left out.
Points in_company(const Points& points) {
  if (points.level.empty()) return points;
  std::map<int, int> counts;
  for (const int level : points.level) ++counts[level];
  Points kept;
  kept.columns.resize(points.columns.size());
  for (std::size_t i = 0; i < points.level.size(); ++i) {
    if (counts[points.level[i]] < 2) continue;
    for (std::size_t j = 0; j < points.columns.size(); ++j) kept.columns[j].push_back(points.columns[j][i]);
    kept.configuration.push_back(points.configuration[i]);
    kept.level.push_back(points.level[i]);
  }
  return kept;
}

std::string too_few(int configurations) {
  return configurations < least_configurations
             ? "fewer than " + std::to_string(least_configurations) + " configurations"
             : "";
}

/// How a value spreads when one configuration is left out at a time.
struct Spread {
  double mean = 0, error = 0;  // error: sqrt of (K - 1)/K times the sum of squares about the mean
  std::vector<double> pulls;   // whose squares sum to that of the error
};
Spread spread_of(const std::vector<double>& without) {
  Spread spread;
  const auto count = static_cast<double>(without.size());
  for (const double value : without) spread.mean += value / count;
  double squares = 0;
  for (const double value : without) {
    spread.pulls.push_back(std::sqrt((count - 1) / count) * (value - spread.mean));
    squares += spread.pulls.back() * spread.pulls.back();
  }
  spread.error = std::sqrt(squares);
  return spread;
}

/// A value with its spread, on the scale of its interval.
struct LeftOut {
  double value = 0;
  Spread spread;

  std::map<int, double> pulls(const Levels& levels, double scale) const {
    std::map<int, double> pulls;
    for (int k = 0; k < levels.configurations(); ++k)
      pulls[levels.configuration(k)] = scale * spread.pulls[k];
    return pulls;
  }
};

/// `statistic` makes a number of products; without one it is not-a-number, and then there is no interval.
template <class StatisticOf>
LeftOut leave_out(const Levels& levels, StatisticOf statistic) {
  std::vector<double> without;
  for (int k = 0; k < levels.configurations(); ++k) without.push_back(statistic(levels.without(k)));
  return {statistic(levels.whole()), spread_of(without)};
}

double fisher(const Products& products) {
  const double r = products.correlation();
  return std::abs(r) < edge ? std::atanh(r) : NAN;
}

Interval around(double value, double error, int degrees, double level) {
  const double reach = t_quantile((1 + level) / 2, degrees) * error;
  return {value - reach, value + reach, {}};
}

Interval back_from_z(Interval interval) {
  return {std::tanh(interval.low), std::tanh(interval.high), interval.undefined};
}

/// A small change of z, times this, is one of r.
double to_r(double r) { return 1 - r * r; }

const char* const rests_on_one = "without one of the configurations the number does not exist";

Inference nothing(const std::string& why) { return {Estimate::none(why), Interval::none(why), {}}; }

}  // namespace

Inference correlation(const Points& all, double level) {
  Inference inference{partial_correlation(all), {}, {}};
  if (!inference.value.defined()) return nothing(inference.value.undefined);
  const Points points = in_company(all);
  const Levels levels(standardise(points.columns).columns, points);
  if (const std::string why = too_few(levels.configurations()); !why.empty()) {
    inference.interval = Interval::none(why);
  } else if (std::abs(inference.value.value) >= edge) {
    inference.interval = Interval::none("the points lie on a line");
  } else if (const LeftOut left = leave_out(levels, fisher); std::isfinite(left.spread.error)) {
    inference.degrees = levels.configurations() - 1;
    inference.interval = back_from_z(around(left.value, left.spread.error, inference.degrees, level));
    inference.pull = left.pulls(levels, to_r(inference.value.value));
  } else {
    inference.interval = Interval::none(rests_on_one);
  }
  return inference;
}

Inference pooled_correlation(const Points& points, double level) {
  Inference pooled;
  double sum = 0, squares = 0;
  int configurations = 0;
  for (const Points& part : split(points)) {
    if (part.configurations() < least_configurations || !partial_correlation(part).defined()) continue;
    const Levels levels(standardise(part.columns).columns, part);
    const LeftOut left = leave_out(levels, fisher);
    if (!std::isfinite(left.value) || !std::isfinite(left.spread.error)) continue;
    sum += left.value - (levels.configurations() - 1) * (left.spread.mean - left.value);
    squares += left.spread.error * left.spread.error;
    configurations += levels.configurations();
    for (const auto& [configuration, pull] : left.pulls(levels, 1)) pooled.pull[configuration] += pull;
    ++pooled.levels;
  }
  if (pooled.levels == 0)
    return nothing("no level has an r and " + std::to_string(least_configurations) + " configurations");
  const double z = sum / pooled.levels;
  pooled.value = {std::tanh(z), {}};
  for (auto& [_, pull] : pooled.pull) pull *= to_r(pooled.value.value) / pooled.levels;
  pooled.degrees = configurations - pooled.levels;
  pooled.interval = back_from_z(around(z, std::sqrt(squares) / pooled.levels, pooled.degrees, level));
  return pooled;
}

Inference mean(const Points& points, double level) {
  const Standardised standard = standardise(std::span(points.columns).first(1));
  if (!standard.undefined.empty()) return nothing(standard.undefined);
  if (points.configuration.empty()) return nothing("no value");
  std::map<int, std::pair<double, double>> sums;
  double total = 0;
  for (std::size_t i = 0; i < points.configuration.size(); ++i) {
    auto& [sum, count] = sums[points.configuration[i]];
    sum += standard.columns[0][i];
    count += 1;
    total += standard.columns[0][i];
  }
  const double n = static_cast<double>(points.configuration.size()), count = static_cast<double>(sums.size());
  Inference inference;
  inference.value = {standard.mean[0], {}};
  if (const std::string why = too_few(static_cast<int>(count)); !why.empty()) {
    inference.interval = Interval::none(why);
    return inference;
  }
  std::vector<double> without;
  for (const auto& [_, part] : sums)
    without.push_back(standard.deviation[0] * (total - part.first) / (n - part.second));
  const Spread spread = spread_of(without);
  std::size_t at = 0;
  for (const auto& [configuration, _] : sums) inference.pull[configuration] = spread.pulls[at++];
  inference.degrees = static_cast<int>(count) - 1;
  inference.interval = around(inference.value.value, spread.error, inference.degrees, level);
  return inference;
}

Inference median(const Points& points, double level) {
  if (const Standardised standard = standardise(std::span(points.columns).first(1));
      !standard.undefined.empty())
    return nothing(standard.undefined);
  std::map<int, std::vector<double>> values;
  for (std::size_t i = 0; i < points.configuration.size(); ++i)
    values[points.configuration[i]].push_back(points.columns[0][i]);
  if (values.empty()) return nothing("no value");
  std::vector<double> means;
  for (const auto& [_, of] : values) means.push_back(summarise(of).mean.value);
  std::sort(means.begin(), means.end());
  Inference inference{{sorted_quantile(means, 0.5), {}}, {}, {}};
  const int n = static_cast<int>(means.size());
  // coverage(d): how often the d-th smallest and the d-th largest value hold the median between them.
  const auto coverage = [n](int d) {
    double below = 0, term = std::pow(0.5, n);
    for (int i = 0; i < d; ++i) {
      below += term;
      term *= static_cast<double>(n - i) / (i + 1);
    }
    return 1 - 2 * below;
  };
  if (coverage(1) < level) {
    inference.interval = Interval::none("too few configurations for the median's interval");
    return inference;
  }
  int d = 1;
  while (2 * (d + 1) <= n && coverage(d + 1) >= level) ++d;
  const double wide = coverage(d), narrow = 2 * (d + 1) <= n ? coverage(d + 1) : 0;
  const double share = (wide - level) / (wide - narrow);
  const double part = (n - d) * share / (d + (n - 2.0 * d) * share);  // Hettmansperger and Sheather's
  const int inner = std::min(d, n - 1);
  inference.interval = {(1 - part) * means[d - 1] + part * means[inner],
                        (1 - part) * means[n - d] + part * means[n - 1 - inner],
                        {}};
  return inference;
}

Inference slope(const Points& all, double level) {
  const Points points = in_company(all);
  const Standardised standard = standardise(points.columns);
  if (!standard.undefined.empty()) return nothing(standard.undefined);
  if (points.configuration.size() < points.columns.size() + 1) return nothing("too few points");
  if (standard.deviation[0] == 0) return nothing("x is constant");
  const Levels levels(standard.columns, points);
  const LeftOut left = leave_out(levels, [](const Products& products) { return products.slope(); });
  if (!std::isfinite(left.value)) return nothing("the covariates leave nothing of x");
  const double scale = standard.deviation[1] / standard.deviation[0];
  Inference inference{{scale * left.value, {}}, {}, {}};
  if (const std::string why = too_few(levels.configurations()); !why.empty()) {
    inference.interval = Interval::none(why);
  } else if (!std::isfinite(left.spread.error)) {
    inference.interval = Interval::none(rests_on_one);
  } else {
    inference.degrees = levels.configurations() - 1;
    inference.interval = around(inference.value.value, scale * left.spread.error, inference.degrees, level);
    inference.pull = left.pulls(levels, scale);
  }
  return inference;
}

std::vector<Interval> line_heights(const Points& points, std::span<const double> at, double level) {
  const Line line = least_squares(points.columns[0], points.columns[1]);
  const std::string why = line.defined() ? too_few(points.configurations()) : line.undefined;
  if (!why.empty()) return std::vector<Interval>(at.size(), Interval::none(why));
  std::vector<Line> without;
  for (const int configuration : std::set<int>(points.configuration.begin(), points.configuration.end())) {
    std::vector<double> x, y;
    for (std::size_t i = 0; i < points.configuration.size(); ++i) {
      if (points.configuration[i] == configuration) continue;
      x.push_back(points.columns[0][i]);
      y.push_back(points.columns[1][i]);
    }
    without.push_back(least_squares(x, y));
    if (!without.back().defined()) return std::vector<Interval>(at.size(), Interval::none(rests_on_one));
  }
  const int degrees = static_cast<int>(without.size()) - 1;
  std::vector<Interval> heights;
  for (const double place : at) {
    std::vector<double> values;
    for (const Line& one : without) values.push_back(one.at(place));
    heights.push_back(around(line.at(place), spread_of(values).error, degrees, level));
  }
  return heights;
}

namespace {

double squares_of(const std::map<int, double>& pulls) {
  double sum = 0;
  for (const auto& [_, pull] : pulls) sum += pull * pull;
  return sum;
}

/// Each configuration pulls at both: its pull at the difference is the difference of its pulls.
Interval by_pairs(double value, const Inference& a, const Inference& b, double level) {
  std::map<int, double> pulls = a.pull;
  for (const auto& [configuration, pull] : b.pull) pulls[configuration] -= pull;
  return around(value, std::sqrt(squares_of(pulls)), std::min(a.degrees, b.degrees), level);
}

/// How much an interval's reach changes where its t gets the degrees of the difference.
double rescaled(const Inference& one, const Inference& other, double level) {
  const double own = squares_of(one.pull), others = squares_of(other.pull), sum = own + others;
  if (!(own > 0) || !(others > 0)) return 1;
  const double welch = sum * sum / (own * own / one.degrees + others * others / other.degrees);
  const double q = (1 + level) / 2;
  return t_quantile(q, static_cast<int>(welch)) / t_quantile(q, one.degrees);
}

Interval of_strangers(double value, const Inference& a, const Inference& b, double level) {
  const double scale_a = rescaled(a, b, level), scale_b = rescaled(b, a, level);
  return {value - std::hypot(scale_a * (a.value.value - a.interval.low),
                             scale_b * (b.interval.high - b.value.value)),
          value + std::hypot(scale_a * (a.interval.high - a.value.value),
                             scale_b * (b.value.value - b.interval.low)),
          {}};
}

}  // namespace

Inference difference(const Inference& a, const Inference& b, double level) {
  if (!a.value.defined() || !b.value.defined())
    return nothing(a.value.defined() ? b.value.undefined : a.value.undefined);
  Inference inference{{a.value.value - b.value.value, {}}, {}, {}};
  inference.levels = a.levels;
  if (!a.interval.defined() || !b.interval.defined()) {
    inference.interval = Interval::none(a.interval.defined() ? b.interval.undefined : a.interval.undefined);
    return inference;
  }
  const bool share =
      std::any_of(a.pull.begin(), a.pull.end(), [&](const auto& one) { return b.pull.contains(one.first); });
  inference.interval =
      share ? by_pairs(inference.value.value, a, b, level) : of_strangers(inference.value.value, a, b, level);
  return inference;
}

}  // namespace crosstalk::stats
