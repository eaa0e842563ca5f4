#pragma once

#include <vector>

#include "stats/moments.hpp"
#include "stats/points.hpp"

namespace crosstalk::stats {

/// The moments of points by level and configuration: what a statistic is made from, with all of them or
/// without one configuration.
class Levels {
 public:
  /// `columns` are standardised; configurations and levels are numbered in order of first appearance.
  Levels(const std::vector<std::vector<double>>& columns, const Points& points);

  int configurations() const { return static_cast<int>(names_.size()); }
  int configuration(int place) const { return names_[place]; }  // as Points calls it
  const Products& whole() const { return whole_; }
  /// Without the configuration at this place.
  Products without(int place) const;

 private:
  int width_;
  std::vector<int> names_;
  std::vector<std::vector<double>> totals_;                              // moments of each level
  std::vector<std::vector<std::pair<int, std::vector<double>>>> parts_;  // by configuration: (level, moments)
  Products whole_;
};

}  // namespace crosstalk::stats
