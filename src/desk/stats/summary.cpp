#include "stats/summary.hpp"

#include <algorithm>
#include <cmath>

namespace crosstalk::stats {

std::string reason_against(std::span<const double> values) {
  if (values.empty()) return "no value";
  const bool finite =
      std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
  return finite ? "" : "a value is not finite";
}

double sorted_quantile(std::span<const double> sorted, double q) {
  const double place = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  if (below + 1 >= sorted.size()) return sorted.back();
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[below + 1] - sorted[below]);
}

Estimate quantile(std::span<const double> values, double q) {
  if (std::string why = reason_against(values); !why.empty()) return Estimate::none(why);
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  return {sorted_quantile(sorted, q), {}};
}

Summary summarise(std::span<const double> values) {
  Summary summary;
  summary.n = values.size();
  if (const std::string why = reason_against(values); !why.empty()) {
    summary.mean = summary.sd = summary.se = summary.median = Estimate::none(why);
    summary.low_quartile = summary.high_quartile = summary.min = summary.max = Estimate::none(why);
    return summary;
  }
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  const auto n = static_cast<double>(sorted.size());
  double sum = 0, squares = 0;
  for (const double value : sorted) sum += value;
  const double mean = sum / n;
  for (const double value : sorted) squares += (value - mean) * (value - mean);
  summary.mean.value = mean;
  summary.median.value = sorted_quantile(sorted, 0.5);
  summary.low_quartile.value = sorted_quantile(sorted, 0.25);
  summary.high_quartile.value = sorted_quantile(sorted, 0.75);
  summary.min.value = sorted.front();
  summary.max.value = sorted.back();
  if (sorted.size() < 2) {
    summary.sd = summary.se = Estimate::none("one value");
  } else {
    summary.sd.value = std::sqrt(squares / (n - 1));
    summary.se.value = summary.sd.value / std::sqrt(n);
  }
  return summary;
}

}  // namespace crosstalk::stats
