#pragma once

#include <filesystem>
#include <string>

namespace crosstalk::work {

/// The file of an expert's parameters: `path` itself; or, where it is a results folder, the newest that was
/// kept (probe.keep) of the run in this environment whose last return is the largest. Error(config) where
/// there is none, or no such run kept its parameters.
std::filesystem::path expert_in(const std::filesystem::path& path, const std::string& environment);

}  // namespace crosstalk::work
