#include "study/measures.hpp"

#include <sstream>

namespace crosstalk::study {
namespace {

struct KnownMeasure {
  const char* name;
  const char* kinds;  // of task that alone it fits, spaces between them; or empty
};
constexpr KnownMeasure known_measures[] = {
#define MEASURE(name, kinds) {#name, kinds},
#include "base/measures.def"
#undef MEASURE
};

bool fits(const KnownMeasure& measure, const std::string& kind) {
  std::istringstream words(measure.kinds);
  std::string word;
  bool any = false;
  while (words >> word) {
    if (word == kind) return true;
    any = true;
  }
  return !any;
}

}  // namespace

std::vector<std::string> measure_names() {
  std::vector<std::string> names;
  for (const KnownMeasure& measure : known_measures) names.emplace_back(measure.name);
  return names;
}

std::vector<std::string> measure_names(const std::string& kind) {
  std::vector<std::string> names;
  for (const KnownMeasure& measure : known_measures)
    if (fits(measure, kind)) names.emplace_back(measure.name);
  return names;
}

}  // namespace crosstalk::study
