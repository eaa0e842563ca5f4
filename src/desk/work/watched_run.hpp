#pragma once

#include <cstdint>
#include <string>

#include "base/json.hpp"
#include "base/rows.hpp"

namespace crosstalk::work {

/// A run of a training loop that is not crosstalk's.
struct WatchedRun {
  std::string name;                // of the experiment; all runs of a folder have the same
  std::uint64_t seed = 0;          // runs that differ in it alone are seeds of one configuration
  Json settings = Json::object();  // flat: numbers, texts and truths; all runs of a folder name the same
  std::string torch;               // its version, where there is one
};

/// The settings in their one form: 1.0 is 1. Error(config) names a setting whose name or value cannot be.
Json checked_settings(const Json& settings);

/// The same of the whole run, its name and its seed.
WatchedRun checked(WatchedRun run);

/// The run's identifier, from its name, settings and seed.
std::string identifier(const WatchedRun& run);

/// As the store has it: the settings and task.kind.
Json configuration_of(const WatchedRun& run);

/// "dqn, rate 0.1, seed 3"
std::string in_words(const WatchedRun& run);

/// Error(config) where such a number or array cannot be stored.
void check(const Row& row);
void check(const Array& array);

}  // namespace crosstalk::work
