#include <cmath>
#include <numbers>

#include "stats/jackknife.hpp"

namespace crosstalk::stats {
namespace {

/// P(|T| <= t) for whole degrees of freedom (Abramowitz and Stegun, 26.7.3 and 26.7.4).
double within(double t, int degrees) {
  const double angle = std::atan(t / std::sqrt(static_cast<double>(degrees)));
  const double cosine = std::cos(angle), square = cosine * cosine;
  double sum = 0, term = degrees % 2 == 0 ? 1 : cosine;
  for (int i = degrees % 2 == 0 ? 2 : 3; i <= degrees; i += 2) {
    sum += term;
    term *= square * (i - 1) / i;
  }
  if (degrees % 2 == 0) return std::sin(angle) * sum;
  return 2 / std::numbers::pi * (angle + std::sin(angle) * sum);
}

}  // namespace

double t_quantile(double q, int degrees) {
  if (q < 0.5) return -t_quantile(1 - q, degrees);
  const double wanted = 2 * q - 1;
  double low = 0, high = 1;
  while (within(high, degrees) < wanted) high *= 2;
  for (int i = 0; i < 200 && high - low > 1e-14 * high; ++i) {
    const double middle = (low + high) / 2;
    (within(middle, degrees) < wanted ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace crosstalk::stats
