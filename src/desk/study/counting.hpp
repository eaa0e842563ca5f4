#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/json.hpp"

namespace crosstalk::study {

/// The value of a key in one configuration.
using Lookup = std::function<const Json&(const std::string& key)>;

/// A key that does not count for every run. Said where it counts for nothing, it would make two names of one
/// run: a study file is refused for it, and `study show` leaves it out.
struct Counting {
  std::string key;
  std::string where;  // "with learner.algorithm = \"reinforce\"": behind "counts only"
  std::function<bool(const Lookup&)> counts;
  std::string by = "";  // the one other key that decides, where sweeps over it are common
  Json harmless = {};   // a value that may be said all the same
};

/// All of them; a key may stand here twice, and then counts where both say so.
const std::vector<Counting>& countings();

/// Whether the key counts for the configuration.
bool counts(const std::string& key, const Lookup& value);

/// The keys that `countings` look at, each once.
const std::vector<std::string>& deciding_keys();

}  // namespace crosstalk::study
