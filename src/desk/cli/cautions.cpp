#include "cli/cautions.hpp"

#include <set>

#include "base/text.hpp"
#include "cli/console.hpp"
#include "study/counting.hpp"
#include "study/own_class.hpp"
#include "study/schema.hpp"

namespace crosstalk::cli {
namespace {

/// The value of a key that counts for a run; null where it counts for nothing.
Json counting_value(const study::Configuration& run, const char* name) {
  const study::Lookup value = study::lookup_in(run.values);
  return study::counts(*study::find_key(name), value) ? value(name) : Json();
}

}  // namespace

void say_cautions(const study::Study& study) {
  std::set<std::string> said;
  for (const study::Configuration& run : study.runs) {
    if (!study::trajectories_of(run)) continue;
    const Json every = counting_value(run, "learner.target-every");
    const Json updates = counting_value(run, "learner.updates");
    if (!every.is_number_integer() || every < updates) continue;
    const std::string note =
        "note: " + run.experiment + ": learner.target-every = " + with_commas(every.get<std::int64_t>()) +
        " comes too late for " + with_commas(updates.get<std::int64_t>()) +
        " updates: the target network of " + run.values.at("learner.algorithm").get<std::string>() +
        " stays as it began, at random";
    if (said.insert(note).second) remark(note);
  }
}

}  // namespace crosstalk::cli
