#pragma once

#include "study/learners.hpp"
#include "study/schema.hpp"

namespace crosstalk::study {

/// The keys of each table, in the order of the documentation.
std::vector<Key> task_keys();
std::vector<Key> environment_keys();  // [task], of environments
std::vector<Key> trajectories_keys();
std::vector<Key> network_keys();
std::vector<Key> learner_keys();    // what all learners share, then what supervised learning alone has
std::vector<Key> optimizer_keys();  // [learner], the rule of an update
std::vector<Key> agent_keys();      // [learner], of agents and of what learns values
std::vector<Key> target_keys();     // of these, what a prediction is led to
std::vector<Key> probe_keys();
std::vector<Key> runtime_keys();

/// Conditions that several keys have. Kinds: "evaluate/stored" is evaluate from stored trajectories.
inline Condition for_kinds(std::vector<std::string> kinds) { return {"task.kind", std::move(kinds)}; }
inline Condition without_trajectories() { return {"task.trajectories", {""}}; }
inline Condition for_algorithms_that(std::string_view has) {
  return {"learner.algorithm", algorithms_that(has)};
}

}  // namespace crosstalk::study
