#include "stats/simulate.hpp"

#include <array>
#include <cmath>
#include <string>

#include "stats/bootstrap.hpp"
#include "stats/draws.hpp"
#include "stats/jackknife.hpp"

namespace crosstalk::stats {
namespace {

struct Pair {
  double x, y;
};

Pair correlated(Draws& draws, double r, bool heavy) {
  Pair pair{draws.normal(), draws.normal()};
  pair.y = r * pair.x + std::sqrt(1 - r * r) * pair.y;
  if (!heavy) return pair;
  double squares = 0;
  for (int i = 0; i < 5; ++i) squares += std::pow(draws.normal(), 2);
  const double stretch = std::sqrt(3 / squares);  // t with 5 degrees of freedom, scaled to variance 1
  return {pair.x * stretch, pair.y * stretch};
}

/// `first`: the number of the first configuration. A level's own mean is large beside what happens within it.
Points simulate(const Design& design, Draws& draws, int first = 0) {
  Points points;
  points.columns.resize(2);
  const double between = std::sqrt(1 - design.within), within = std::sqrt(design.within);
  for (int level = 0; level < design.levels; ++level) {
    for (int c = 0; c < design.configurations; ++c) {
      const Pair shared = correlated(draws, design.r, design.heavy);
      for (int s = 0; s < design.seeds; ++s) {
        const Pair own = correlated(draws, design.opposite ? -design.r : design.r, design.heavy);
        points.columns[0].push_back(between * shared.x + within * own.x + 3 * level);
        points.columns[1].push_back(between * shared.y + within * own.y - 3 * level);
        points.configuration.push_back(first + level * design.configurations + c);
        points.level.push_back(level);
      }
    }
  }
  return points;
}

Points without_levels(Points points) {
  points.level.clear();
  return points;
}

/// Each configuration is a level of its own: seeds alone are compared.
Points in_cells(Points points) {
  points.level = points.configuration;
  return points;
}

/// The second of a pair of studies: its configurations are the first's, with a part of their own.
Points partner_of(const Points& points, const Design& design, Draws& draws) {
  Points partner = simulate(design, draws);
  for (std::size_t i = 0; i < partner.columns[0].size(); ++i) {
    for (int column = 0; column < 2; ++column) {
      double& value = partner.columns[column][i];
      value = (value + points.columns[column][i]) / std::sqrt(2);
    }
  }
  return partner;
}

Inference inferred(const Points& points, const Design& design, Quantity quantity, Draws& draws) {
  switch (quantity) {
    case Quantity::r:
      return correlation(without_levels(points));
    case Quantity::given_level:
      return correlation(points);
    case Quantity::within_cell:
      return correlation(in_cells(points));
    case Quantity::pooled:
      return pooled_correlation(points);
    case Quantity::mean:
      return mean(points);
    case Quantity::median:
      return median(points);
    case Quantity::slope:
      return slope(without_levels(points));
    case Quantity::height:
      return {{0, {}}, line_heights(without_levels(points), std::array{1.0}).front(), {}};
    case Quantity::difference:
      return difference(correlation(without_levels(points)),
                        correlation(without_levels(
                            simulate(design, draws, static_cast<int>(points.configuration.size())))));
    case Quantity::paired:
      return difference(correlation(without_levels(points)),
                        correlation(without_levels(partner_of(points, design, draws))));
  }
  return {};
}

double truth(const Design& design, Quantity quantity) {
  const double own = design.opposite ? -design.r : design.r;
  const double r = (1 - design.within) * design.r + design.within * own;
  switch (quantity) {
    case Quantity::within_cell:
      return own;
    case Quantity::r:
    case Quantity::given_level:
    case Quantity::pooled:
    case Quantity::slope:   // of variables with variance 1
    case Quantity::height:  // at x = 1
      return r;
    default:
      return 0;
  }
}

}  // namespace

Coverage simulate_coverage(const Design& design, Quantity quantity, int trials, int resamples,
                           std::string_view name) {
  Draws draws(name);
  BootstrapOptions options;
  options.resamples = resamples;
  const double value = truth(design, quantity);
  Coverage coverage{.trials = trials};
  int runs = 0;
  const bool has_runs = quantity == Quantity::r || quantity == Quantity::mean;
  for (int trial = 0; trial < trials; ++trial) {
    const Points points = simulate(design, draws);
    const Interval interval = inferred(points, design, quantity, draws).interval;
    coverage.holds += interval.holds(value);
    coverage.above += interval.defined() && interval.low > value;
    coverage.below += interval.defined() && interval.high < value;
    if (!has_runs || resamples == 0) continue;
    const std::string stream = std::string(name) + "/" + std::to_string(trial);
    runs += (quantity == Quantity::r ? bootstrap_correlation(points, stream, options)
                                     : bootstrap_mean(points, stream, options))
                .holds(value);
  }
  for (double* share : {&coverage.holds, &coverage.above, &coverage.below}) *share /= trials;
  if (has_runs && resamples > 0) coverage.runs = static_cast<double>(runs) / trials;
  return coverage;
}

}  // namespace crosstalk::stats
