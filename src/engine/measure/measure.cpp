#include "measure/measure.hpp"

#include <string>

namespace crosstalk::measure {

void add_cosines(const Evidence& evidence, Gradient gradient, std::string_view measure, Readings& readings) {
  const std::string name(measure);
  for (const PairSet& pairs : evidence.pairs(gradient)) {
    Summary cosine(pairs.count());
    double signs = 0;
    pairs.each([&](std::int64_t u, std::int64_t v) {
      const double norms = pairs.norm(u) * pairs.norm(v);
      if (norms == 0) return;
      const double dot = pairs.dot(u, v);
      cosine.add(dot / norms);
      signs += static_cast<double>((dot > 0) - (dot < 0));  // no branch: signs cannot be predicted
    });
    readings.add(name, pairs.split(), cosine);
    if (cosine.count() > 0)
      readings.add(name + ".sign", pairs.split(), signs / static_cast<double>(cosine.count()));
    if (pairs.count() > 0)
      readings.add(name + ".left_out", pairs.split(), static_cast<double>(pairs.count() - cosine.count()));
  }
}

void add_dots(const Evidence& evidence, Gradient gradient, std::string_view measure, Readings& readings) {
  for (const PairSet& pairs : evidence.pairs(gradient)) {
    Summary dots(pairs.count());
    pairs.each([&](std::int64_t u, std::int64_t v) { dots.add(pairs.dot(u, v)); });
    readings.add(measure, pairs.split(), dots);
  }
}

}  // namespace crosstalk::measure
