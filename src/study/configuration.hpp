#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/json.hpp"

namespace crosstalk::study {

/// One run, resolved: every key of the schema with its value ("network.hidden": 16), and who it is.
struct Configuration {
  std::string run;         // identifier: 16 hexadecimal digits of the SHA-256 of (schema version, keys that differ from
                           // their defaults, seed); the same on every machine
  std::string experiment;  // the stem of the study file (of the included one, where studies are joined)
  std::uint64_t seed = 0;
  std::map<std::string, Json> values;
};

/// A study, resolved. What `run` works through and the store remembers.
struct Study {
  std::string name;                        // the stem of the file
  std::string scale;                       // as chosen
  std::string text;                        // the file's own text, with included files' behind it (see Json form)
  std::vector<std::string> swept;          // full names of keys that take more than one value, sorted
  std::vector<Configuration> runs;         // in the order in which they are to be run
};

}  // namespace crosstalk::study
