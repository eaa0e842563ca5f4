#pragma once

#include <filesystem>
#include <string>

#include "base/json.hpp"

namespace crosstalk::work {

/// The file of an expert's parameters: `path` itself; or, where it is a results folder, the newest that was
/// kept (probe.keep) of the run in this environment whose last return is the largest, of those first that
/// learned with these keys of the task. Error(config) where there is none, or it kept no parameters.
std::filesystem::path expert_in(const std::filesystem::path& path, const std::string& environment,
                                const Json& task);

}  // namespace crosstalk::work
