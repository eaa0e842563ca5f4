#pragma once

#include <optional>

#include "study/configuration.hpp"

namespace crosstalk::study {

/// The agent whose steps a run learns from (task.behaviour), as the configuration of its own run: double-dqn
/// from its own steps, with the run's values of all keys that count there. Of what counts for nothing, and of
/// how another algorithm's target network follows, it has the defaults. (The algorithms that learn from it
/// have its defaults.) Nothing where a run takes its own steps, or none.
std::optional<KeyValues::Map> agent_behind(const Configuration& run);

}  // namespace crosstalk::study
