#include "base/safetensors_header.hpp"

#include <fstream>

namespace crosstalk {
namespace {

constexpr std::uint64_t largest_header = 1 << 20;

}  // namespace

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

Json about_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::optional<std::string> begin = read_through_header(stream, largest_header);
  if (!begin) return nullptr;
  try {
    const Json header = read_json(std::string_view(*begin).substr(header_begins));
    return read_json(header.at("__metadata__").at("crosstalk").get<std::string>());
  } catch (const Json::exception&) {
    return nullptr;
  }
}

}  // namespace crosstalk
