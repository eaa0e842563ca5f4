#include "work/changed_class.hpp"

#include <algorithm>

#include "study/own_class.hpp"
#include "work/kept.hpp"

namespace crosstalk::work {
std::vector<std::string> take_changed_classes(store::Store& store, const Datasets& datasets, Json& before,
                                              const ResultsFolder& results) {
  std::vector<std::string> lines;
  if (!before.is_object()) return lines;
  const std::vector<store::RunRecord> all = store.runs();
  for (const auto& [key, dataset] : datasets) {
    const auto former = before.find(key);
    const std::string environment = dataset.value("dataset", "");
    if (former == before.end() || !study::own_class(environment) ||
        former->value("sha256", "") == dataset.value("sha256", ""))
      continue;
    // Also those that the study no longer names: it may name them again.
    std::vector<store::RunRecord> runs;
    std::copy_if(all.begin(), all.end(), std::back_inserter(runs), [&](const store::RunRecord& run) {
      return run.configuration->value("task.environment", "") == environment;
    });
    if (std::any_of(runs.begin(), runs.end(), [](const auto& run) { return is_over(run.status); })) continue;
    for (const store::RunRecord& run : runs) {
      store.forget_rows(run.run);  // and with them that its checkpoint may be gone on from
      forget_kept(results.kept(run.run));
    }
    (*former)["sha256"] = dataset.at("sha256");
    lines.push_back(dataset.value("file", "") +
                    " has been changed since these results were begun, and no run of " + environment +
                    " is done: all begin anew");
  }
  return lines;
}

}  // namespace crosstalk::work
