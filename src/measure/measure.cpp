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
}

}  // namespace crosstalk::measure
