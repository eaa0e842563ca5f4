#include "stats/line.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "stats/moments.hpp"

namespace crosstalk::stats {

Line least_squares(std::span<const double> x, std::span<const double> y) {
  Line line;
  line.n = x.size();
  const std::vector<std::vector<double>> columns{{x.begin(), x.end()}, {y.begin(), y.end()}};
  const Standardised standard = standardise(columns);
  if (!standard.undefined.empty())
    line.undefined = standard.undefined;
  else if (x.size() < 3)
    line.undefined = "fewer than 3 points";
  else if (standard.deviation[0] == 0)
    line.undefined = "x is constant";
  if (!line.defined()) return line;

  const auto n = static_cast<double>(x.size());
  double products = 0;
  for (std::size_t i = 0; i < x.size(); ++i) products += standard.columns[0][i] * standard.columns[1][i];
  const double r = std::clamp(products / n, -1.0, 1.0);  // 0 where y is constant: a level line
  line.r = r;
  line.slope = r * standard.deviation[1] / standard.deviation[0];
  line.intercept = standard.mean[1] - line.slope * standard.mean[0];
  line.slope_error = standard.deviation[1] / standard.deviation[0] * std::sqrt((1 - r * r) / (n - 2));
  line.intercept_error = line.slope_error * std::hypot(standard.deviation[0], standard.mean[0]);
  return line;
}

}  // namespace crosstalk::stats
