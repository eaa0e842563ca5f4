#pragma once

#include <filesystem>
#include <string>

#include "study/configuration.hpp"

namespace crosstalk::cli {

/// What `crosstalk study show`, `list` and `new` print. `idle_too`: also the keys that count for no run of
/// it.
std::string shown_study(const std::filesystem::path& file, const study::LoadOptions& options,
                        bool idle_too = false);
std::string listed_studies(const std::filesystem::path& shipped);

/// Writes the file, which must not be there; returns what to say about it.
std::string write_new_study(std::filesystem::path file, const std::string& dataset,
                            const std::string& environment, const std::string& trajectories);

}  // namespace crosstalk::cli
