#include "stats/simulate.hpp"

#include <cmath>
#include <string>

#include "stats/bootstrap.hpp"
#include "stats/draws.hpp"

namespace crosstalk::stats {
namespace {

struct Pair {
  double x, y;
};

Pair correlated(Draws& draws, double r) {
  const double x = draws.normal();
  return {x, r * x + std::sqrt(1 - r * r) * draws.normal()};
}

Points simulate(const Design& design, Draws& draws) {
  Points points;
  points.columns.resize(2);
  const double between = std::sqrt(1 - design.within), within = std::sqrt(design.within);
  for (int c = 0; c < design.configurations; ++c) {
    const Pair shared = correlated(draws, design.r);
    for (int s = 0; s < design.seeds; ++s) {
      const Pair own = correlated(draws, design.r);
      points.columns[0].push_back(between * shared.x + within * own.x);
      points.columns[1].push_back(between * shared.y + within * own.y);
      points.configuration.push_back(c);
    }
  }
  return points;
}

}  // namespace

Coverage simulate_coverage(const Design& design, int trials, int resamples, std::string_view name) {
  Draws draws(name);
  BootstrapOptions options;
  options.resamples = resamples;
  int runs = 0, configurations = 0;
  for (int trial = 0; trial < trials; ++trial) {
    const Points points = simulate(design, draws);
    const std::string stream = std::string(name) + "/" + std::to_string(trial);
    runs += bootstrap_correlation(points, Resampling::runs, stream, options).holds(design.r);
    configurations +=
        bootstrap_correlation(points, Resampling::configurations, stream, options).holds(design.r);
  }
  return {static_cast<double>(runs) / trials, static_cast<double>(configurations) / trials, trials};
}

}  // namespace crosstalk::stats
