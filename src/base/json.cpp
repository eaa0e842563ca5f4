#include "base/json.hpp"

#include <vector>

namespace crosstalk {
namespace {

constexpr int most_levels = 100;

bool is_too_deep(std::string_view text) {
  int levels = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\') {
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == '[' || c == '{')) {
      if (++levels > most_levels) return true;
    } else if (!quoted && (c == ']' || c == '}')) {
      --levels;
    }
  }
  return false;
}

/// Whether the bytes are one item of CBOR (RFC 8949) that is not too deep. The library takes a stack frame
/// for each level, for each tag, and for each level of texts that are made of pieces.
bool is_shallow_cbor(std::span<const std::uint8_t> bytes) {
  std::vector<std::uint64_t> items = {1};  // still to come, of each level
  while (!items.empty()) {
    if (items.back() == 0) {
      items.pop_back();
      continue;
    }
    --items.back();
    if (bytes.empty()) return false;
    const unsigned type = bytes[0] >> 5, small = bytes[0] & 31;
    if (small > 27) return false;  // reserved, or without a length
    const std::size_t more = small < 24 ? 0 : std::size_t{1} << (small - 24);
    if (bytes.size() - 1 < more) return false;
    std::uint64_t number = small < 24 ? small : 0;
    for (std::size_t i = 1; i <= more; ++i) number = number << 8 | bytes[i];
    bytes = bytes.subspan(1 + more);
    const bool is_bytes = type == 2 || type == 3, is_list = type == 4, is_map = type == 5, is_tag = type == 6;
    if (is_tag || ((is_bytes || is_list || is_map) && number > bytes.size())) return false;
    if (is_bytes) bytes = bytes.subspan(number);
    if (is_list || is_map) items.push_back(is_map ? 2 * number : number);
    if (items.size() > most_levels + 1) return false;
  }
  return bytes.empty();
}

}  // namespace

Json read_json(std::string_view text) {
  return is_too_deep(text) ? Json(Json::value_t::discarded) : Json::parse(text, nullptr, false);
}

Json read_cbor(std::span<const std::uint8_t> bytes) {
  return is_shallow_cbor(bytes) ? Json::from_cbor(bytes.begin(), bytes.end(), true, false)
                                : Json(Json::value_t::discarded);
}

}  // namespace crosstalk
