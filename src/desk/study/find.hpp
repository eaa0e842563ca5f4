#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace crosstalk::study {

/// The studies under a folder, by name ("paper/sarcos"), sorted.
std::vector<std::string> shipped_studies(const std::filesystem::path& shipped);

}  // namespace crosstalk::study
