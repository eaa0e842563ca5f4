#include "measure/measure.hpp"

#include <string>

namespace crosstalk::measure {

namespace {

/// Over those pairs that `count`.
template <class Counts>
void add_cosines_of(const Evidence& evidence, Gradient gradient, std::string_view measure, Readings& readings,
                    Counts counts) {
  const std::string name(measure);
  for (const PairSet& pairs : evidence.pairs(gradient)) {
    Summary cosine(pairs.count());
    double signs = 0;
    std::int64_t all = 0;
    pairs.each([&](std::int64_t u, std::int64_t v) {
      if (!counts(u, v)) return;
      ++all;
      const double norms = pairs.norm(u) * pairs.norm(v);
      if (norms == 0) return;
      const double dot = pairs.dot(u, v);
      cosine.add(dot / norms);
      signs += static_cast<double>((dot > 0) - (dot < 0));  // no branch: signs cannot be predicted
    });
    readings.add(name, pairs.split(), cosine);
    if (cosine.count() > 0)
      readings.add(name + ".sign", pairs.split(), signs / static_cast<double>(cosine.count()));
    if (all > 0) readings.add(name + ".left_out", pairs.split(), static_cast<double>(all - cosine.count()));
  }
}

}  // namespace

void add_cosines(const Evidence& evidence, Gradient gradient, std::string_view measure, Readings& readings) {
  add_cosines_of(evidence, gradient, measure, readings, [](std::int64_t, std::int64_t) { return true; });
}

void add_cosines(const Evidence& evidence, Gradient gradient, Classes classes, std::string_view measure,
                 Readings& readings) {
  const std::vector<std::int64_t> of = evidence.classes();
  if (of.empty()) return;
  const auto counts = [&](std::int64_t u, std::int64_t v) {
    return (of[static_cast<std::size_t>(u)] == of[static_cast<std::size_t>(v)]) == (classes == Classes::same);
  };
  add_cosines_of(evidence, gradient, measure, readings, counts);
}

void add_dots(const Evidence& evidence, Gradient gradient, std::string_view measure, Readings& readings) {
  for (const PairSet& pairs : evidence.pairs(gradient)) {
    Summary dots(pairs.count());
    pairs.each([&](std::int64_t u, std::int64_t v) { dots.add(pairs.dot(u, v)); });
    readings.add(measure, pairs.split(), dots);
  }
}

}  // namespace crosstalk::measure
