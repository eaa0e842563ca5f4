#pragma once

#include "base/settings.hpp"
#include "env/retraced.hpp"
#include "run/task.hpp"

namespace crosstalk::run {

/// The environment of task.environment, which is written in Python, by the keys of task.*; `file` is that of
/// a class of the user's own. `tries`: as Retraced has it.
std::unique_ptr<env::Retraced> open_foreign(const Settings& settings, const OwnFile& file, bool tries);

/// task.train-levels; 0: all, or there are none.
std::int64_t levels_to_learn_on(const Settings& settings);

}  // namespace crosstalk::run
