#pragma once

#include <string>
#include <vector>

#include "study/configuration.hpp"
#include "work/data.hpp"

namespace crosstalk::work {

/// What is kept of a folder of stored trajectories (task.trajectories), as of a data set: "dataset" (the path
/// as the study has it), "file" (the folder, whole), "sha256" (of what it holds), and "trajectories", what a
/// study must fit: environment, steps, episodes, values (whether an expert's are stored) and their discount.
/// `base`: the study's folder. Error(config) where it is none, is not complete, or a segment's file is
/// missing or cut short.
Json stored_trajectories(const std::string& path, const std::string& base);

/// Error(config) naming every folder that does not fit a run: it was played in another environment than
/// task.environment, has fewer transitions than task.transitions or fewer than two episodes, or holds no
/// values where the algorithm learns from them, or values of another discount.
void check_trajectories(const std::vector<study::Configuration>& runs, const Datasets& datasets);

}  // namespace crosstalk::work
