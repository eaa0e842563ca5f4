#include "base/contents.hpp"

#include <array>
#include <cstdint>
#include <fstream>
#include <vector>

#include "base/plain_file.hpp"
#include "base/safetensors_header.hpp"
#include "base/xxh3.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace crosstalk {
namespace {

// The header's JSON as writers spell it. Within other metadata its quotes would be escaped, and a tensor of
// this name would be followed by a brace.
constexpr std::string_view key = "\"contents\":\"";
constexpr std::uint64_t largest_header = 1 << 24;

void add_with_zeros(ContentsDigest& digest, std::string_view bytes, std::size_t place) {
  digest.add(bytes.substr(0, place));
  digest.add(no_contents);
  digest.add(bytes.substr(place + no_contents.size()));
}

}  // namespace

struct ContentsDigest::State {
  XXH3_state_t hash;
};

ContentsDigest::ContentsDigest() : state_(std::make_unique<State>()) { XXH3_128bits_reset(&state_->hash); }
ContentsDigest::~ContentsDigest() = default;

void ContentsDigest::add(std::string_view bytes) {
  XXH3_128bits_update(&state_->hash, bytes.data(), bytes.size());
}

std::string ContentsDigest::hex() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(&state_->hash);
  return Xxh3{hash.high64, hash.low64}.hex();
}

std::optional<std::size_t> place_of_contents(std::string_view begin) {
  if (begin.size() < header_begins) return std::nullopt;
  const std::uint64_t length = header_length(begin);
  if (length > largest_header || length > begin.size() - header_begins) return std::nullopt;
  const std::string_view header = begin.substr(0, header_begins + length);
  const std::size_t found = header.find(key, header_begins);
  if (found == header.npos || found + key.size() + no_contents.size() > header.size()) return std::nullopt;
  return found + key.size();
}

std::optional<std::string> contents_of(std::string_view file) {
  const auto place = place_of_contents(file);
  if (!place) return std::nullopt;
  ContentsDigest digest;
  add_with_zeros(digest, file, *place);
  return digest.hex();
}

bool have_their_digest(std::string_view file) {
  const auto right = contents_of(file);
  return right && file.substr(*place_of_contents(file), right->size()) == *right;
}

bool has_its_contents(const std::filesystem::path& file) {
  if (!no_plain_file(file).empty()) return false;  // to open a pipe would be to wait for who writes it
  std::ifstream stream(file, std::ios::binary);
  const std::optional<std::string> begin = read_through_header(stream, largest_header);
  const auto place = begin ? place_of_contents(*begin) : std::nullopt;
  if (!place) return false;
  ContentsDigest digest;
  add_with_zeros(digest, *begin, *place);
  std::vector<char> block(1 << 20);
  while (stream.read(block.data(), std::ssize(block)) || stream.gcount() > 0) {
    digest.add({block.data(), static_cast<std::size_t>(stream.gcount())});
  }
  return stream.eof() && begin->compare(*place, no_contents.size(), digest.hex()) == 0;
}

}  // namespace crosstalk
