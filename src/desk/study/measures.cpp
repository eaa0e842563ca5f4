#include "study/measures.hpp"

#include "base/measures.hpp"
#include "base/vocabulary.hpp"

namespace crosstalk::study {

std::vector<std::string> measure_names() {
  std::vector<std::string> names;
  for (const MeasureEntry& measure : measure_table) names.emplace_back(measure.name);
  return names;
}

std::vector<std::string> measure_names(const std::string& kind, const std::string& variant, bool has_errors) {
  std::vector<std::string> names;
  for (const MeasureEntry& measure : measure_table)
    if ((measure.kinds.empty() || lists(measure.kinds, kind) ||
         (!variant.empty() && lists(measure.kinds, kind + "/" + variant))) &&
        (has_errors || !lists(measure.needs, "errors")) && !lists(measure.needs, "asked"))
      names.emplace_back(measure.name);
  return names;
}

}  // namespace crosstalk::study
