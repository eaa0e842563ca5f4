#include "base/safetensors_header.hpp"

namespace crosstalk {

std::uint64_t header_length(std::string_view begin) {
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < header_begins; ++i)
    length |= std::uint64_t{static_cast<unsigned char>(begin[i])} << (8 * i);
  return length;
}

std::optional<std::string> read_through_header(std::istream& file, std::uint64_t most) {
  std::string begin(header_begins, '\0');
  if (!file.read(begin.data(), header_begins)) return std::nullopt;
  const std::uint64_t length = header_length(begin);
  if (length > most) return std::nullopt;
  begin.resize(header_begins + length);
  if (!file.read(begin.data() + header_begins, static_cast<std::streamsize>(length))) return std::nullopt;
  return begin;
}

}  // namespace crosstalk
