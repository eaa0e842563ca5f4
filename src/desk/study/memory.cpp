#include "study/memory.hpp"

#include <algorithm>
#include <initializer_list>

#include "base/gram_memory.hpp"
#include "study/words.hpp"

namespace crosstalk::study {
namespace {

/// How many sets of probe.samples samples are stacked that are sure to be there.
std::int64_t sets_of(const Values& values) { return values.at("task.kind").value == "windowed" ? 2 : 1; }

std::int64_t samples_of(const Values& values) {
  const auto samples = values.at("probe.samples").value.get<std::int64_t>();
  if (values.at("learner.algorithm").value == "supervised") {
    const Json& examples = values.at("task.examples").value;
    return examples.is_number() ? std::min(samples, examples.get<std::int64_t>()) : 0;
  }
  if (values.at("learner.source").value == "expected") return 0;  // an environment's transitions, often few
  return sets_of(values) * samples;
}

/// One for each function that the measures ask of. Of a regression perhaps one for both: where the network
/// has one output, the loss's Gram is the function's, scaled. A loss that is differentiated at the next state
/// too has twice as many rows.
std::int64_t matrices_of(const Values& values) {
  const Json& measures = values.at("probe.measures").value;
  const auto any_of = [&](std::initializer_list<const char*> names) {
    return std::any_of(names.begin(), names.end(), [&](const char* name) {
      return std::find(measures.begin(), measures.end(), Json(name)) != measures.end();
    });
  };
  const bool function = any_of({"function_interference", "function_stiffness"}),
             loss = any_of({"loss_interference", "stiffness"});
  if (values.at("learner.algorithm").value == "residual") return (function ? 1 : 0) + (loss ? 4 : 0);
  const bool may_share = values.at("task.kind").value == "regress";
  return function && loss && !may_share ? 2 : function || loss ? 1 : 0;
}

}  // namespace

void check_memory(const Values& values, const Experiment& experiment, Problems& problems) {
  const GramSizes sizes{samples_of(values), matrices_of(values),
                        values.at("runtime.precision").value == "double" ? 8 : 4};
  const std::int64_t budget = values.at("runtime.memory").value.get<std::int64_t>() * mebibyte;
  const std::string beyond = beyond_memory(sizes, budget);
  if (beyond.empty()) return;
  const std::int64_t most = most_samples(sizes.matrices, sizes.number_bytes, budget) / sets_of(values);
  const std::string message = "probe.samples = " + cut_value(values.at("probe.samples").value) + " " +
                              beyond + "; take at most " + with_commas(most) + " samples, or allow more";
  for (const char* key : {"probe.samples", "runtime.memory"})
    if (values.at(key).place.said()) return problems.add(values.at(key).place, message);
  problems.add({experiment.file}, message);
}

}  // namespace crosstalk::study
