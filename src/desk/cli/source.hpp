#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/json.hpp"
#include "cli/command.hpp"
#include "study/configuration.hpp"
#include "work/child.hpp"

namespace crosstalk::cli {

/// What the word after `crosstalk run` means: a study file, a results folder, or a report with its study
/// inside.
struct Source {
  study::Study study;
  std::optional<std::filesystem::path> file;    // a study file, whose other scales can be looked at
  std::optional<std::filesystem::path> folder;  // a results folder: where to go on
};

/// The folder of the shipped studies: in the package; a source tree has them beside its python/.
std::filesystem::path shipped_studies(const Context& context);

/// Error(config) or Error(store) where the word means nothing that can be run.
Source find_source(const std::string& word, const study::LoadOptions& options, const Context& context);

/// Error(store) where a results folder's record was made by another schema: its rows are not ours to go on
/// with.
void refuse_other_schema(const std::filesystem::path& folder, const Json& record);

/// The study of a results folder's record; its errors name the file.
study::Study stored_study(const std::filesystem::path& folder, const Json& record);

/// The name of the study whose report a page is; empty where it is none, or one of several.
std::string study_in_report(const std::filesystem::path& file);

/// results/STEM-SCALE, or results/STEM for a study without scales.
std::filesystem::path default_folder(const std::string& study, const std::string& scale);
std::filesystem::path default_folder(const study::Study& study);

/// The worker, the data child, and what tells who else has our name, as commands.
work::Command worker_command(const Context& context);
work::Command data_command(const Context& context, const std::string& what);
work::Command trajectories_command(const Context& context, const std::string& what);
work::Command namesakes_command(const Context& context);
work::Command report_child(const Context& context, const std::vector<std::string>& arguments);
work::Command parquet_child(const Context& context);

}  // namespace crosstalk::cli
