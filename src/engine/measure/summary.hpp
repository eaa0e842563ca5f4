#pragma once

#include <cstdint>
#include <vector>

namespace crosstalk::measure {

/// Numbers over pairs of samples, to be told in a few: mean, quantiles, share above 0.
class Summary {
 public:
  explicit Summary(std::int64_t expected = 0) { values_.reserve(static_cast<std::size_t>(expected)); }
  void add(double value) { values_.push_back(value); }

  std::int64_t count() const { return static_cast<std::int64_t>(values_.size()); }
  double mean() const;
  double positive() const;  // the share of values above 0
  double zero() const;
  double negative() const;
  /// Between the order statistics on either side of p (count - 1), linearly: NumPy's default (Hyndman and
  /// Fan's type 7). `shares` ascend. NaN where a value is not finite: it has no order.
  std::vector<double> quantiles(const std::vector<double>& shares) const;

 private:
  std::vector<double> values_;
};

}  // namespace crosstalk::measure
