#pragma once

#include "base/settings.hpp"
#include "env/decision_process.hpp"
#include "env/retraced.hpp"
#include "run/task.hpp"

namespace crosstalk::run {

/// The environment of task.environment, one that is written in Python or an exact one, by the keys of task.*;
/// `file` is that of a class of the user's own. `tries`: as Retraced has it.
std::unique_ptr<env::Retraced> open_retraced(const Settings& settings, const OwnFile& file, bool tries);

/// The exact environment of task.environment, of the sizes that were said.
std::shared_ptr<const env::DecisionProcess> exact_process_of(const Settings& settings);

/// task.train-levels; 0: all, or there are none.
std::int64_t levels_to_learn_on(const Settings& settings);

}  // namespace crosstalk::run
