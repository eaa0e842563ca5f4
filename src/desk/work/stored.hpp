#pragma once

#include <string>
#include <vector>

#include "study/configuration.hpp"
#include "work/data.hpp"

namespace crosstalk::work {

/// What is kept of the folder of a run's stored trajectories (task.trajectories), as of a data set: "dataset"
/// (the path as the study has it), "file" (the folder, whole), "sha256" (of what it holds), and
/// "trajectories", what a study must fit: environment, steps, episodes, values (whether an expert's are
/// stored) and their discount, memory (whether a console's is stored). `base`: the folder that the path
/// begins at. Error(config) where it is none, is not made yet, is not complete, or a segment's file is
/// missing or cut short.
Json stored_trajectories(const study::Configuration& run, const std::string& base);

/// Error(config) naming every folder that does not fit a run: it was played in another environment than
/// task.environment, has fewer transitions than task.transitions or fewer than two episodes, or holds no
/// values where the algorithm learns from them, or values of another discount.
void check_trajectories(const std::vector<study::Configuration>& runs, const Datasets& datasets);

/// What is to be said of runs whose distance from an expert's values (value_error) means nothing, because
/// both have other discounts.
std::vector<std::string> without_value_error(const std::vector<study::Configuration>& runs,
                                             const Datasets& datasets);

/// Error(config) as check_trajectories() of what the study will make, as far as its [trajectories] says so.
void check_trajectories_to_make(const std::vector<study::Configuration>& runs);

}  // namespace crosstalk::work
