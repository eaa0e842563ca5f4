#include <cmath>
#include <limits>

#include "measure/along.hpp"
#include "measure/correlation.hpp"

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

/// The cosines of each set of which there are any.
template <class Visit>
void each_set(const Evidence& evidence, Gradient gradient, Visit visit) {
  for (const Viewed& viewed : evidence.stack)
    if (const auto cosines = viewed.cosines.find(gradient); cosines != viewed.cosines.end())
      visit(viewed.set, cosines->second);
}

void add_set(const Set& set, const Cosines& cosines, const std::string& name, Readings& readings) {
  const Neighbours& near = cosines.near;
  const auto at = [&](std::int64_t sample, std::int64_t offset) -> std::optional<double> {
    const double value =
        cosines.along[static_cast<std::size_t>(sample * near.offsets() + offset - near.first)];
    return std::isnan(value) ? std::nullopt : std::optional(value);
  };
  Mean all, behind, ahead, apart;
  for (std::int64_t offset = near.first; offset <= near.last; ++offset)
    for (std::int64_t sample = 0; sample < near.samples(); ++sample) {
      const std::optional<double> value = at(sample, offset);
      if (!value) continue;
      if (offset != 0) all.add(*value);
      if (is_behind(offset)) behind.add(*value);
      if (is_ahead(offset)) ahead.add(*value);
    }
  for (const double value : cosines.apart) apart.add(value);
  add_if(all, name, set.name, readings);
  add_if(behind, name + ".behind", set.name, readings);
  add_if(ahead, name + ".ahead", set.name, readings);
  add_if(apart, name + ".others", set.name, readings);
  add_curve(near, name, set.name, at, readings);
  add_rows_of(set, name, readings);
}

void add_distances_of(const Set& set, const Cosines& cosines, const std::string& name, Readings& readings) {
  if (cosines.distances.empty()) return;
  Correlation correlation;
  for (std::size_t i = 0; i < cosines.apart.size(); ++i) {
    if (!std::isnan(cosines.apart[i])) correlation.add(cosines.apart[i], cosines.distances[i]);
  }
  if (const std::optional<double> r = correlation.value()) readings.add(name, set.name, *r);
  const Json axes = {{"0", {{"name", "sample"}, {"labels", set.rows.ids}}},
                     {"1", {{"name", "other"}, {"labels", cosines.others}}}};
  const std::vector<std::int64_t> shape{set.rows.size(), std::ssize(cosines.others)};
  readings.add_array(name + ".cosine", set.name, shape, cosines.apart, axes);
  readings.add_array(name + ".distance", set.name, shape, cosines.distances, axes);
}

}  // namespace

void add_cosines_along(const Evidence& evidence, Gradient gradient, std::string_view name,
                       Readings& readings) {
  each_set(evidence, gradient, [&](const Set& set, const Cosines& cosines) {
    add_set(set, cosines, std::string(name), readings);
  });
}

void add_distances(const Evidence& evidence, std::string_view name, Readings& readings) {
  each_set(evidence, Gradient::function, [&](const Set& set, const Cosines& cosines) {
    add_distances_of(set, cosines, std::string(name), readings);
  });
}

}  // namespace crosstalk::measure
