#include <algorithm>
#include <cmath>
#include <numeric>

#include "measure/registry.hpp"

/// Gradient covariance (Lyle et al. 2023, "Understanding plasticity in neural networks"): the cosines of the
/// loss gradients of all pairs of samples, as a matrix,
///     C(u, v) = g_u . g_v / (|g_u| |g_v|),   g_u = gradient of J(u) by theta, its target held
/// The row is mean_{u != v} |C(u, v)| within a set: 0, all gradients are orthogonal to each other; 1, all lie
/// on one line, so that what one sample learns is learned, or undone, at every other one. The matrix itself
/// is the array gradient_covariance, of the last measurement alone (n^2 numbers): samples stand in the order
/// of their rows, so that those of a trajectory lie together, and the axes say which they are. A gradient of
/// 0 has no direction: NaN, left out of the mean, and counted in gradient_covariance.left_out. Reads the
/// loss's Gram; costs one division a pair.
namespace crosstalk::measure {
namespace {

class GradientCovariance final : public Measure {
 public:
  std::string_view name() const override { return "gradient_covariance"; }
  void measure(const Evidence& evidence, Readings& readings) const override {
    const auto gram = evidence.grams.find(Gradient::loss);
    if (gram == evidence.grams.end()) return;
    for (std::size_t i = 0; i < evidence.stack.size(); ++i) {
      const Viewed& viewed = evidence.stack[i];
      const std::string split = viewed.set.name + "-" + viewed.set.name;
      const std::vector<std::int64_t> order = order_of(viewed.set.rows.ids);
      const std::int64_t n = std::ssize(order);
      std::vector<double> cosines = cosines_of(gram->second, evidence.range(i), order);
      add_rows(cosines, n, split, readings);
      if (evidence.last)
        readings.add_array("gradient_covariance", split, {n, n}, std::move(cosines), axes_of(viewed, order));
    }
  }

 private:
  static std::vector<std::int64_t> order_of(const std::vector<data::Id>& ids) {
    std::vector<std::int64_t> order(ids.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
      return ids[static_cast<std::size_t>(a)] < ids[static_cast<std::size_t>(b)];
    });
    return order;
  }

  static std::vector<double> cosines_of(const Gram& gram, Range range,
                                        const std::vector<std::int64_t>& order) {
    std::vector<double> cosines;
    for (const std::int64_t i : order)
      for (const std::int64_t j : order) cosines.push_back(cosine(gram, range.first + i, range.first + j));
    return cosines;
  }

  void add_rows(const std::vector<double>& cosines, std::int64_t n, const std::string& split,
                Readings& readings) const {
    double sum = 0;
    std::int64_t counted = 0;
    for (std::int64_t u = 0; u < n; ++u)
      for (std::int64_t v = u + 1; v < n; ++v)
        if (const double cosine = cosines[static_cast<std::size_t>(u * n + v)]; !std::isnan(cosine))
          sum += std::abs(cosine), ++counted;
    if (counted > 0) readings.add(name(), split, sum / static_cast<double>(counted));
    if (n > 1)
      readings.add("gradient_covariance.left_out", split, static_cast<double>(n * (n - 1) / 2 - counted));
  }

  /// Images of a classifier are sorted by class in pictures, as their Grams are.
  static Json axes_of(const Viewed& viewed, const std::vector<std::int64_t>& order) {
    std::vector<data::Id> ids;
    for (const std::int64_t i : order) ids.push_back(viewed.set.rows.ids[static_cast<std::size_t>(i)]);
    Json axes = viewed.axis.is_object() ? viewed.axis : Json::object();
    for (const char* axis : {"0", "1"}) axes[axis] = {{"name", "sample"}, {"labels", ids}};
    return axes;
  }
};

}  // namespace

std::unique_ptr<Measure> gradient_covariance() { return std::make_unique<GradientCovariance>(); }

}  // namespace crosstalk::measure
