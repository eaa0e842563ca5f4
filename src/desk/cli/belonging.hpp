#pragma once

#include "cli/session.hpp"
#include "cli/source.hpp"
#include "store/store.hpp"
#include "work/results_folder.hpp"

namespace crosstalk::cli {

/// Error(store) where a results folder holds another study, or one of another schema.
void check_belongs(const work::ResultsFolder& results, const store::Store& store, const Source& source,
                   const RunOptions& options);

/// Error(store) where runs that were begun would leave the folder's report, since this study does not name
/// them: only
/// --retire, or the folder's own study, lets them go. Says how many go.
void check_leaving(const work::ResultsFolder& results, const store::Store& store, const Source& source,
                   const RunOptions& options);

/// A folder that is not there yet, for a study that may not have `taken`: results/PARENT-STEM where the study
/// file lies in another folder than the one whose results are there, else TAKEN-2, TAKEN-3, ...
std::filesystem::path free_folder(const std::filesystem::path& taken, const Source& source,
                                  bool is_elsewhere);

}  // namespace crosstalk::cli
