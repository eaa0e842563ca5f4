#pragma once

#include <cstdint>
#include <filesystem>
#include <istream>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"

/// A safetensors file begins with eight bytes, little-endian: the length of its header, which follows as
/// JSON. Then come the tensors.
namespace crosstalk {

inline constexpr std::size_t header_begins = 8;  // bytes before the header

/// The length that the first eight bytes give; there must be as many.
std::uint64_t header_length(std::string_view begin);

/// The file's bytes up to the end of its header. Nothing where it ends before, or where the header is longer
/// than `most` bytes.
std::optional<std::string> read_through_header(std::istream& file, std::uint64_t most);

/// What a safetensors file of ours says of itself: the JSON in its metadata "crosstalk". Null where it says
/// nothing, or where there is no such file.
Json about_file(const std::filesystem::path& file);

}  // namespace crosstalk
