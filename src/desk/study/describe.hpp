#pragma once

#include <string>
#include <vector>

#include "study/reading.hpp"

namespace crosstalk::study {

/// Lines of cells, to be aligned by who prints them.
using Lines = std::vector<std::vector<std::string>>;

/// The keys of an experiment that count for some run of it, or all of them: name, value or values, where it
/// comes from.
Lines described_keys(const Experiment& experiment, bool idle_too = false);

/// "12 configurations x 3 seeds = 36 runs; swept: network.hidden, task.examples".
std::string described_runs(const Experiment& experiment);

/// A study file that has every key with its help, all but the data set, the environment and the folder of
/// stored trajectories commented out with its default. Those that are none of the study's are empty.
std::string new_study(const std::string& dataset, const std::string& environment = "",
                      const std::string& trajectories = "");

/// The table of all keys in Markdown, for docs/study-files.md, and the line of one.
std::string keys_as_markdown();
std::string as_markdown(const Key& key);

}  // namespace crosstalk::study
