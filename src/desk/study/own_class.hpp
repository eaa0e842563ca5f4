#pragma once

#include <optional>
#include <string>

#include "study/configuration.hpp"

namespace crosstalk::study {

/// A class of the user's own that a study names as its environment, "gym:PATH.py:CLASS"; a path that is not
/// absolute begins at the study's folder.
struct OwnClass {
  std::string path, name;
  std::string environment() const;  // the same again
};
/// Nothing where an environment is none: a name of Gymnasium's holds no ".py:".
std::optional<OwnClass> own_class(const std::string& environment);

/// That in which a run acts; nothing where it learns from stored trajectories, whatever played them.
std::optional<OwnClass> own_class_of(const Configuration& run);

/// The folder of the stored trajectories that a run learns from (task.trajectories); nothing where it learns
/// from none. A path that is not absolute begins at the study's folder.
std::optional<std::string> trajectories_of(const Configuration& run);

/// Whether the study says how its trajectories are made (trajectories.transitions): then their folder, and an
/// expert's, begin beside the results folder.
bool makes_trajectories(const Configuration& run);

/// The path of such a folder in its plain form; Error(config) where it is empty.
std::string trajectories_in_one_form(const std::string& path);

/// An environment as it is known by: the path of a class of one's own in its plain form.
std::string environment_in_one_form(const std::string& environment);

/// A path without "." and empty parts: "./x.csv" is x.csv. What ".." means depends on links, so it stays.
std::string plain_path(const std::string& path);

}  // namespace crosstalk::study
