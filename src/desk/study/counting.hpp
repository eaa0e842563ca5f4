#pragma once

#include <functional>
#include <string>
#include <vector>

#include "study/configuration.hpp"
#include "study/schema.hpp"

namespace crosstalk::study {

/// The value of a key in one configuration; null where it has none.
using Lookup = std::function<const Json&(const std::string& key)>;
/// That of a configuration, which outlives it.
Lookup lookup_in(const KeyValues::Map& values);

/// What a key's conditions mean: said where it counts for nothing, a key would make two names of one run.
bool holds(const Condition& condition, const Lookup& value);

/// The first of the conditions that does not hold; nullptr where all do.
const Condition* unmet(const std::vector<Condition>& conditions, const Lookup& value);

/// Whether the key counts for the configuration.
bool counts(const Key& key, const Lookup& value);

/// The condition behind "only": "with learner.optimizer = \"adam\" or \"rmsprop\"".
std::string in_words(const Condition& condition);

/// Several, all of which must hold; empty for none.
std::string in_words(const std::vector<Condition>& conditions);

/// The allowed words of a key that go with the configuration.
std::vector<std::string> fitting_words(const Key& key, const Lookup& value);

/// The keys on which it depends what counts and what the defaults are, each once.
const std::vector<std::string>& deciding_keys();

/// All keys, those that decide before those that depend on them.
const std::vector<const Key*>& keys_deciding_first();

}  // namespace crosstalk::study
