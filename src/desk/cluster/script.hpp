#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cluster/plan.hpp"

namespace crosstalk::cluster {

/// The batch script of the array. `command` runs `crosstalk`; to it are added `task FOLDER NUMBER`. The
/// array's numbers are not in it: sbatch gets them, since a later submission may have fewer. Error(config)
/// for a name that no line of a batch script can hold.
std::string array_script(const ClusterFolder& folder, const Plan& plan,
                         const std::vector<std::string>& command);

/// That of the job before it, which collects the trajectories that the runs learn from.
std::string first_script(const ClusterFolder& folder, const Plan& plan,
                         const std::vector<std::string>& command);

/// What sbatch's --array takes for these tasks: "0-39%8".
std::string array_of(const std::vector<std::size_t>& tasks, const Resources& resources);

/// Error(config) for a results folder whose name no line of a batch script can hold.
void check_folder(const ClusterFolder& folder);

/// Error(config) for an option that is not "key" or "key=value", or that `submit` decides itself, in
/// whole or shortened.
void check_option(const std::string& option);

}  // namespace crosstalk::cluster
