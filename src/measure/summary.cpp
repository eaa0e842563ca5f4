#include "measure/summary.hpp"

#include <limits>

namespace crosstalk::measure {

double Summary::mean() const {
  double sum = 0;
  for (const double value : values_) sum += value;
  return sum / static_cast<double>(values_.size());
}

double Summary::positive() const {
  const auto above = std::count_if(values_.begin(), values_.end(), [](double value) { return value > 0; });
  return static_cast<double>(above) / static_cast<double>(values_.size());
}

std::vector<double> Summary::quantiles(const std::vector<double>& shares) const {
  if (!std::all_of(values_.begin(), values_.end(), [](double value) { return std::isfinite(value); })) {
    return std::vector<double>(shares.size(), std::numeric_limits<double>::quiet_NaN());
  }
  // Selection instead of sorting: seven quantiles of 16,384 pairs cost 0.25 ms, sorting them 1.1.
  std::vector<double> values = values_;
  std::vector<double> result;
  auto from = values.begin();  // everything before it is at most everything after it
  for (const double share : shares) {
    const double place = share * static_cast<double>(values.size() - 1);
    const auto below = values.begin() + static_cast<std::ptrdiff_t>(place);
    if (below >= from) {
      std::nth_element(from, below, values.end());
      from = below;
    }
    const double fraction = place - std::floor(place);
    // What stands behind `below` is no smaller, in any order.
    const double above = fraction > 0 ? *std::min_element(below + 1, values.end()) : *below;
    result.push_back(*below + fraction * (above - *below));
  }
  return result;
}

}  // namespace crosstalk::measure
