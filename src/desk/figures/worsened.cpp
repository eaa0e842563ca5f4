#include "figures/worsened.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "figures/lines.hpp"
#include "figures/words.hpp"

namespace crosstalk::figures {
namespace {

constexpr const char* judged[] = {"value_error", "loss", "td_error.square"};  // the first that was measured
constexpr const char* split = "test";

/// What the run is judged by; nullptr: it has measured none of them more than once.
const char* measure_of(const Results& results, const MeasuredRun& run) {
  for (const char* measure : judged) {
    const Series* series = results.find(run, measure, split);
    if (series != nullptr && series->values.size() > 1) return measure;
  }
  return nullptr;
}

bool is_worse(const Series& series) {
  const double first = series.values.front(), last = series.values.back();
  return std::isfinite(first) && !(last <= first);
}

}  // namespace

std::vector<std::string> cautions_on_worsened(const Results& results) {
  std::vector<std::string> cautions;
  for (const Experiment& experiment : results.without_examples) {
    std::set<std::string> measures;
    int worse = 0, known = 0;
    for (const Point& point : experiment.points) {
      if (point.run->text("task.kind") != "evaluate") continue;
      const char* measure = measure_of(results, *point.run);
      if (measure == nullptr) continue;
      ++known;
      if (!is_worse(*results.find(*point.run, measure, split))) continue;
      ++worse;
      measures.insert(in_words(measure, split));
    }
    if (worse == 0) continue;
    const bool one = worse == 1;
    cautions.push_back(
        experiment.name + ": " + with_commas(worse) + " of " + counted(known, "run") +
        (one ? " ends worse than it began: its " : " end worse than they began: their ") +
        joined({measures.begin(), measures.end()}) +
        " is larger at the last measurement than at the first. With targets that are fixed (mc, reg, "
        "td-star) " +
        (one ? "it has" : "they have") +
        " then learned nothing that holds for other episodes; with targets that bootstrap, a loss also grows "
        "because the values do.");
  }
  return cautions;
}

}  // namespace crosstalk::figures
