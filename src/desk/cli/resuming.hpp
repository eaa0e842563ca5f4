#pragma once

#include <vector>

#include "store/store.hpp"
#include "study/configuration.hpp"
#include "work/coordinator.hpp"
#include "work/data.hpp"
#include "work/results_folder.hpp"

namespace crosstalk::cli {

/// Error(store) where the folder's name cannot be one.
bool has_store(const work::ResultsFolder& results);

/// Checks all that is stored before anything is added: an unsound file is refused, damaged runs of a sound
/// one are forgotten, so that they are computed anew.
void mend(store::Store& store);

/// Those of these runs that are still to be done: all but the done and the diverged. `store`: may be null.
std::vector<study::Configuration> to_do(const std::vector<study::Configuration>& all,
                                        const store::Store* store);

/// What workers are told of these runs, which are expected to take so long: with several workers the long
/// ones first, so that none is left alone with a long one at the end.
std::vector<work::Assignment> in_order(const std::vector<study::Configuration>& runs,
                                       const std::vector<double>& seconds, const work::Datasets& datasets,
                                       const work::ResultsFolder& results, int jobs,
                                       double checkpoint_seconds);

}  // namespace crosstalk::cli
