#pragma once

#include "work/data.hpp"

namespace crosstalk::work {

/// Error(config) where a run's network, or an agent's window, does not take the images (or the table) of its
/// data set, with what it takes: said once, before a run is begun. Runs without data are not looked at.
void check_networks(const std::vector<study::Configuration>& runs, const Datasets& datasets);

}  // namespace crosstalk::work
