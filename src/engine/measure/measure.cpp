#include "measure/measure.hpp"

namespace crosstalk::measure {

void Rows::add(std::string_view measure, std::string_view split, double value) {
  rows_.push_back({step_, std::string(measure), std::string(split), value});
}

void Rows::add(std::string_view measure, std::string_view split, const Summary& summary) {
  static const std::vector<double> shares = {0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95};
  static const std::vector<const char*> names = {".q05", ".q10", ".q25", ".q50", ".q75", ".q90", ".q95"};
  if (summary.count() == 0) return;
  add(measure, split, summary.mean());
  const std::vector<double> quantiles = summary.quantiles(shares);
  for (std::size_t i = 0; i < shares.size(); ++i) add(std::string(measure) + names[i], split, quantiles[i]);
  add(std::string(measure) + ".positive", split, summary.positive());
  add(std::string(measure) + ".zero", split, summary.zero());
  add(std::string(measure) + ".negative", split, summary.negative());
}

void add_cosines(const Evidence& evidence, Function function, std::string_view measure, Rows& rows) {
  const std::string name(measure);
  for (const PairSet& pairs : evidence.pairs(function)) {
    Summary cosine(pairs.count());
    double signs = 0;
    pairs.each([&](std::int64_t u, std::int64_t v) {
      const double norms = pairs.norm(u) * pairs.norm(v);
      if (norms == 0) return;
      const double dot = pairs.dot(u, v);
      cosine.add(dot / norms);
      signs += static_cast<double>((dot > 0) - (dot < 0));  // no branch: signs cannot be predicted
    });
    rows.add(name, pairs.split(), cosine);
    if (cosine.count() > 0)
      rows.add(name + ".sign", pairs.split(), signs / static_cast<double>(cosine.count()));
    if (pairs.count() > 0)
      rows.add(name + ".left_out", pairs.split(), static_cast<double>(pairs.count() - cosine.count()));
  }
}

void add_scores(const Evidence& evidence, std::string_view measure, double Score::* part, Rows& rows) {
  for (const auto& [split, name] : {std::pair{Split::train, "train"}, std::pair{Split::test, "test"}}) {
    const Errors& errors = evidence.errors(split);
    const std::pair<const std::optional<Score>&, const char*> scores[] = {
        {errors.score, ""}, {errors.random, ".random"}, {errors.blind, ".blind"}};
    for (const auto& [score, suffix] : scores) {
      if (score) rows.add(std::string(measure) + suffix, name, (*score).*part);
    }
  }
}

}  // namespace crosstalk::measure
