#pragma once

#include "study/schema.hpp"

namespace crosstalk::study {

/// The keys of each table, in the order of the documentation.
std::vector<Key> task_keys();
std::vector<Key> network_keys();
std::vector<Key> learner_keys();  // what all learners share, then what supervised learning alone has
std::vector<Key> agent_keys();    // [learner], of agents alone
std::vector<Key> probe_keys();
std::vector<Key> runtime_keys();

}  // namespace crosstalk::study
