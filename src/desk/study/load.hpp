#pragma once

#include <filesystem>
#include <string>

#include "base/json.hpp"
#include "study/configuration.hpp"

namespace crosstalk::study {

/// Reads, checks and resolves a study file. Everything that is wrong in it, in the files it includes and in
/// the options comes in one Error(config), a line each: "FILE:LINE: message".
Study load(const std::filesystem::path& file, const LoadOptions& options);

/// The study file that a word of the command line means: an existing file, or a shipped study's name
/// ("paper/sarcos", with or without .toml) under the folder `shipped`. Error(config) names the nearest
/// otherwise.
std::filesystem::path find_study(const std::string& word, const std::filesystem::path& shipped);

/// A study as the store and the report keep it: the texts of its files, the options, and its runs'
/// configurations.
Json to_json(const Study& study);

/// The schema by which a stored study was made; 0 where it does not say.
int schema_of(const Json& json);

/// "NAME (scale SCALE)" of a stored study, as messages have it.
std::string name_with_scale(const Json& json);

/// The study again, parsed from the texts in `json`; no file is read. Error(store) where the schema is
/// another one or the runs that follow are not those that `json` names.
Study study_from_json(const Json& json);

/// The same of a study that is to be run anew, as a report's: one of an older schema becomes one of this
/// schema. Its runs have other names than `json` gives them, and may give other numbers.
Study study_anew(const Json& json);

}  // namespace crosstalk::study
