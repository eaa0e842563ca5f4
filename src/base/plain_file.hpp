#pragma once

#include <filesystem>
#include <string>

namespace crosstalk {

/// What a path leads to where it is no file that can be read from its beginning to its end: "a folder", "a
/// device", "a pipe", "a socket", or "a file of the kernel's" (/proc, /sys: some of them never end). Empty
/// for a plain file, and where nothing is there.
std::string no_plain_file(const std::filesystem::path& path);

}  // namespace crosstalk
