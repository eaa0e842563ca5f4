#include <cmath>
#include <limits>
#include <numeric>

#include "measure/along.hpp"

namespace crosstalk::measure {
namespace {

/// Mean of those that are numbers.
struct Mean {
  double sum = 0, count = 0;
  void add(double value) {
    if (!std::isnan(value)) sum += value, ++count;
  }
  double value() const { return count > 0 ? sum / count : std::numeric_limits<double>::quiet_NaN(); }
};

void add_if(const Mean& mean, const std::string& name, const std::string& split, Readings& readings) {
  if (mean.count > 0) readings.add(name, split, mean.value());
}

std::vector<double> numbers_of(const std::vector<data::Id>& rows) { return {rows.begin(), rows.end()}; }

}  // namespace

void add_cosines_along(const Viewed& viewed, const Cosines& cosines, const std::string& name,
                       Readings& readings) {
  const Neighbours& near = cosines.near;
  const std::string& split = viewed.set.name;
  Mean all, behind, ahead, apart;
  std::vector<double> means, counts;
  std::vector<std::int64_t> offsets(static_cast<std::size_t>(near.offsets()));
  std::iota(offsets.begin(), offsets.end(), near.first);
  for (const std::int64_t offset : offsets) {
    Mean here;
    for (std::int64_t sample = 0; sample < near.samples(); ++sample) {
      const double value =
          cosines.along[static_cast<std::size_t>(sample * near.offsets() + offset - near.first)];
      here.add(value);
      if (offset != 0) all.add(value);
      if (offset < 0 && offset >= -nearest) behind.add(value);
      if (offset > 0 && offset <= nearest) ahead.add(value);
    }
    means.push_back(here.value());
    counts.push_back(here.count);
  }
  for (const double value : cosines.apart) apart.add(value);
  add_if(all, name, split, readings);
  add_if(behind, name + ".behind", split, readings);
  add_if(ahead, name + ".ahead", split, readings);
  add_if(apart, name + ".others", split, readings);
  const Json axes = {{"0", {{"name", "offset"}, {"labels", offsets}}}},
             samples = {{"0", {{"name", "sample"}}}};
  readings.add_array(name, split, {near.offsets()}, std::move(means), axes);
  readings.add_array(name + ".count", split, {near.offsets()}, std::move(counts), axes);
  readings.add_array(name + ".rows", split, {viewed.set.rows.size()}, numbers_of(viewed.set.rows.ids),
                     samples);
}

void add_distances(const Viewed& viewed, const Cosines& cosines, const std::string& name,
                   Readings& readings) {
  const std::string& split = viewed.set.name;
  if (cosines.distances.empty()) return;
  Mean x, y, xx, yy, xy;
  for (std::size_t i = 0; i < cosines.apart.size(); ++i) {
    const double cosine = cosines.apart[i], distance = cosines.distances[i];
    if (std::isnan(cosine)) continue;
    x.add(cosine), y.add(distance), xx.add(cosine * cosine), yy.add(distance * distance),
        xy.add(cosine * distance);
  }
  const double spread = (xx.value() - x.value() * x.value()) * (yy.value() - y.value() * y.value());
  if (spread > 0) readings.add(name, split, (xy.value() - x.value() * y.value()) / std::sqrt(spread));
  const Json axes = {{"0", {{"name", "sample"}, {"labels", viewed.set.rows.ids}}},
                     {"1", {{"name", "other"}, {"labels", cosines.others}}}};
  const std::vector<std::int64_t> shape{viewed.set.rows.size(), std::ssize(cosines.others)};
  readings.add_array(name + ".cosine", split, shape, cosines.apart, axes);
  readings.add_array(name + ".distance", split, shape, cosines.distances, axes);
}

}  // namespace crosstalk::measure
