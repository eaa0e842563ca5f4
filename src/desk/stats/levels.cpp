#include "stats/levels.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace crosstalk::stats {

int Points::configurations() const {
  return static_cast<int>(std::set<int>(configuration.begin(), configuration.end()).size());
}

int Points::levels() const {
  return level.empty() ? 1 : static_cast<int>(std::set<int>(level.begin(), level.end()).size());
}

Levels::Levels(const std::vector<std::vector<double>>& columns, const Points& points)
    : width_(moments_width(static_cast<int>(columns.size()))), whole_(static_cast<int>(columns.size())) {
  std::map<int, int> places, numbers;
  std::vector<double> point(columns.size());
  for (std::size_t i = 0; i < points.configuration.size(); ++i) {
    const auto [place, is_new] = places.try_emplace(points.configuration[i], static_cast<int>(places.size()));
    if (is_new) {
      names_.push_back(points.configuration[i]);
      parts_.emplace_back();
    }
    const int level = points.level.empty() ? 0 : points.level[i];
    const auto [number, is_first] = numbers.try_emplace(level, static_cast<int>(numbers.size()));
    if (is_first) totals_.emplace_back(width_, 0.0);
    for (std::size_t j = 0; j < columns.size(); ++j) point[j] = columns[j][i];
    add_point(point, totals_[number->second].data());
    auto& parts = parts_[place->second];
    auto part = std::find_if(parts.begin(), parts.end(),
                             [&](const auto& one) { return one.first == number->second; });
    if (part == parts.end())
      part = parts.insert(parts.end(), {number->second, std::vector<double>(width_, 0.0)});
    add_point(point, part->second.data());
  }
  for (const std::vector<double>& total : totals_) whole_.add(total.data());
}

Products Levels::without(int place) const {
  Products left = whole_;
  std::vector<double> rest(width_);
  for (const auto& [level, part] : parts_[place]) {
    left.add(totals_[level].data(), -1);
    for (int i = 0; i < width_; ++i) rest[i] = totals_[level][i] - part[i];
    if (rest[0] > 0.5) left.add(rest.data());
  }
  return left;
}

}  // namespace crosstalk::stats
