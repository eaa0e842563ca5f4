#pragma once

#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <string_view>

/// A safetensors file begins with eight bytes, little-endian: the length of its header, which follows as
/// JSON. Then come the tensors.
namespace crosstalk {

inline constexpr std::size_t header_begins = 8;  // bytes before the header

/// The length that the first eight bytes give; there must be as many.
std::uint64_t header_length(std::string_view begin);

/// The file's bytes up to the end of its header. Nothing where it ends before, or where the header is longer
/// than `most` bytes.
std::optional<std::string> read_through_header(std::istream& file, std::uint64_t most);

}  // namespace crosstalk
