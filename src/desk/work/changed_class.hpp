#pragma once

#include <string>
#include <vector>

#include "store/store.hpp"
#include "work/data.hpp"
#include "work/results_folder.hpp"

namespace crosstalk::work {

/// A user mends a class of their own because its runs failed. Where no run of a changed file is over, what
/// its runs have stored is forgotten, so that they begin anew with the file as it is now, and `before` (what
/// the study record says of its data) has the file's present checksum. A line for each file that is taken so.
/// A file of which runs are over stays as it was in `before`: check_checksums refuses it.
std::vector<std::string> take_changed_classes(store::Store& store, const Datasets& datasets, Json& before,
                                              const ResultsFolder& results);

}  // namespace crosstalk::work
