#include "work/checkpoint.hpp"

#include <array>
#include <fstream>

#include "base/contents.hpp"
#include "base/json.hpp"

namespace crosstalk::work {
namespace {

constexpr std::uint64_t largest_header = 1 << 20;

/// A safetensors file begins with the header's length (8 bytes, little-endian), then the header, JSON.
Json header_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::array<unsigned char, 8> bytes{};
  stream.read(reinterpret_cast<char*>(bytes.data()), bytes.size());
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) length |= std::uint64_t{bytes[i]} << (8 * i);
  if (!stream || length > largest_header) return nullptr;
  std::string text(length, ' ');
  stream.read(text.data(), static_cast<std::streamsize>(length));
  return stream ? read_json(text) : Json();
}

}  // namespace

std::optional<std::int64_t> checkpoint_step(const std::filesystem::path& file, const std::string& run) {
  if (!has_its_contents(file)) return std::nullopt;  // a flipped bit may stand in the step
  try {
    const Json about = read_json(header_of(file).at("__metadata__").at("crosstalk").get<std::string>());
    if (about.at("run") != run) return std::nullopt;
    return about.at("step").get<std::int64_t>();
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

std::filesystem::path unfinished(const std::filesystem::path& checkpoint) {
  return checkpoint.string() + ".partial";
}

}  // namespace crosstalk::work
