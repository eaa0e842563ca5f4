#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace crosstalk {

/// SHA-256 in 64 hexadecimal digits (FIPS 180-4), by libmd.
std::string sha256(std::string_view bytes);

/// The same of a file's contents; Error(data) when it cannot be read.
std::string sha256_of_file(const std::filesystem::path& path);

}  // namespace crosstalk
