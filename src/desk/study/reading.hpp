#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "study/configuration.hpp"
#include "study/resolve.hpp"

namespace crosstalk::study {

/// A study with what each of its experiments was resolved from, for `study show`.
struct Reading {
  Study study;
  std::vector<Experiment> experiments;
  std::vector<std::string> scales;  // all that it has, sorted
};

/// The text of a file by its path relative to the study file's folder; Error(config) where there is none.
using Reader = std::function<std::string(const std::string& path)>;

/// `file`: the study file's name in its folder. `shown_folder`: what messages put before paths.
Reading read_study(const std::string& file, const std::filesystem::path& shown_folder, const Reader& reader,
                   const LoadOptions& options);

/// The same from disk, as `load` does it.
Reading read_study(const std::filesystem::path& file, const LoadOptions& options);

}  // namespace crosstalk::study
