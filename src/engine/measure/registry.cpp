#include "measure/registry.hpp"

#include "base/error.hpp"
#include "base/measures.hpp"
#include "base/vocabulary.hpp"

namespace crosstalk::measure {

// Each measure's file defines its function.
#define MEASURE(function, ...) std::unique_ptr<Measure> function();
#include "base/measures.def"
#undef MEASURE

std::vector<std::unique_ptr<Measure>> all_measures() {
  std::vector<std::unique_ptr<Measure>> all;
#define MEASURE(function, ...) all.push_back(function());
#include "base/measures.def"
#undef MEASURE
  return all;
}

std::vector<std::unique_ptr<Measure>> measures(const std::vector<std::string>& names) {
  std::vector<std::unique_ptr<Measure>> all = all_measures();
  if (names.empty()) {
    std::erase_if(all,
                  [](const auto& measure) { return lists(find_measure(measure->name())->needs, "asked"); });
    return all;
  }
  for (const std::string& name : names) {
    if (std::any_of(all.begin(), all.end(), [&](const auto& measure) { return measure->name() == name; }))
      continue;
    std::string known;
    for (const auto& measure : all) known += (known.empty() ? "" : ", ") + std::string(measure->name());
    throw Error(ErrorKind::config,
                "probe.measures names \"" + name + "\", which is no measure; there are " + known);
  }
  std::erase_if(all, [&](const auto& measure) {
    return std::find(names.begin(), names.end(), measure->name()) == names.end();
  });
  return all;
}

}  // namespace crosstalk::measure
