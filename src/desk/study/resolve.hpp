#pragma once

#include <map>
#include <string>
#include <vector>

#include "study/file.hpp"

namespace crosstalk::study {

/// One experiment: what the layers of a file, its scale, the files that include it and the options say
/// together.
struct Experiment {
  std::string name;   // the stem of its file
  std::string file;   // as messages name it
  std::string scale;  // empty: none
  std::string title;
  std::map<std::string, Setting> settings;  // the keys that something was said of
  std::set<std::string> named;              // these, and those whose value was wrong
  Seeds seeds;                              // the offset added
};

/// One value of a configuration, and what said it.
struct Value {
  Json value;
  Place place;  // not said(): the default
};
using Values = std::map<std::string, Value>;

/// The later of the layers wins, key by key: a single value replaces an axis, an axis a single value.
Experiment overlay(const std::vector<const Layer*>& layers);

/// Adds the experiment's runs to `runs` without making one; false, and a problem that names what multiplies,
/// where a study may not have as many.
bool are_few_enough(const Experiment& experiment, std::size_t& runs, Problems& problems);

/// The axes' values crossed, in the schema's order of keys (the last one changes fastest) and the files'
/// order of values; every configuration has every key.
std::vector<Values> configurations(const Experiment& experiment, Problems& problems);

/// Keys with more than one value, sorted.
std::vector<std::string> axes(const Experiment& experiment);

}  // namespace crosstalk::study
