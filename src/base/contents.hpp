#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// The digest by which a safetensors file of ours shows damage. Its header has metadata "contents": 32
/// hexadecimal digits, XXH3 in 128 bits (xxhash.com) over the whole file, header and all, with these 32
/// digits taken as zeros. Every byte counts: a flipped bit anywhere is found. It guards against accidents,
/// not against malice: who alters a file on purpose can give it the right digits.
namespace crosstalk {

/// What stands where the digits will be.
inline constexpr std::string_view no_contents = "00000000000000000000000000000000";

/// XXH3 in 128 bits of bytes that come piece by piece.
class ContentsDigest {
 public:
  ContentsDigest();
  ~ContentsDigest();
  void add(std::string_view bytes);
  std::string hex() const;  // 32 lower-case hexadecimal digits

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Where the digits stand, from the file's first byte; `begin` is that byte and more, at least the header.
/// Nothing where the header has none, or where this is no safetensors file.
std::optional<std::size_t> place_of_contents(std::string_view begin);

/// The digits that belong into a file of these bytes; its own are taken as zeros. Nothing where it has no
/// place for them.
std::optional<std::string> contents_of(std::string_view file);

/// Whether a file of these bytes states its digest, and the right one.
bool have_their_digest(std::string_view file);
/// The same of a file on the disk; one that cannot be read has none.
bool has_its_contents(const std::filesystem::path& file);

}  // namespace crosstalk
