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

/// A study file that has every key with its help, all but the dataset commented out with its default.
std::string new_study(const std::string& dataset);

/// The table of all keys in Markdown, for docs/study-files.md.
std::string keys_as_markdown();

}  // namespace crosstalk::study
