#pragma once

#include <cmath>
#include <optional>
#include <vector>

namespace crosstalk::measure {

/// Pearson's r of the pairs that are added; nothing where one of the two does not vary.
class Correlation {
 public:
  void add(double x, double y) { x_.push_back(x), y_.push_back(y); }
  std::optional<double> value() const {
    const auto count = static_cast<double>(x_.size());
    double mean_x = 0, mean_y = 0, xx = 0, yy = 0, xy = 0;
    for (std::size_t i = 0; i < x_.size(); ++i) mean_x += x_[i] / count, mean_y += y_[i] / count;
    for (std::size_t i = 0; i < x_.size(); ++i) {
      const double x = x_[i] - mean_x, y = y_[i] - mean_y;
      xx += x * x, yy += y * y, xy += x * y;
    }
    return xx * yy > 0 ? std::optional(xy / std::sqrt(xx * yy)) : std::nullopt;
  }

 private:
  std::vector<double> x_, y_;
};

}  // namespace crosstalk::measure
