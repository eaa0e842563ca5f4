#pragma once

#include <filesystem>
#include <vector>

#include "cli/command.hpp"
#include "study/configuration.hpp"
#include "work/signals.hpp"

namespace crosstalk::cli {

/// Collects the trajectories that these runs learn from and that the study says how to make ([trajectories]),
/// each folder once, where they are not there or not complete; `beside`: where their paths begin. Error(config)
/// where two runs make one folder in two ways, or where it holds trajectories that were made otherwise;
/// work::Interrupted.
void make_trajectories(const study::Study& study, const std::vector<study::Configuration>& runs,
                       const std::filesystem::path& beside, const Context& context,
                       const work::Interrupts& interrupts);

}  // namespace crosstalk::cli
