#pragma once

#include <filesystem>
#include <vector>

#include "cli/command.hpp"
#include "cli/session.hpp"
#include "study/configuration.hpp"
#include "work/data.hpp"
#include "work/signals.hpp"

namespace crosstalk::cli {

/// Runs with what they are timed on: as they are where their data are there; where the study has yet to make
/// their trajectories, on a few thousand steps that are collected in the same way into `scratch`. An update
/// costs the same on few steps as on many. The runs come in the same order, under the same identifiers.
struct Timeable {
  std::vector<study::Configuration> runs;
  work::Datasets datasets;
  bool is_sampled = false;  // trajectories of a study are yet to be made
};
Timeable timeable(const study::Study& study, const std::vector<study::Configuration>& runs,
                  const DataPlaces& places, const std::filesystem::path& scratch, const Context& context,
                  const work::Interrupts& interrupts);

}  // namespace crosstalk::cli
