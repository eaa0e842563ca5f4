#include "store/contents.hpp"

#include <charconv>

#include "base/xxh3.hpp"

namespace crosstalk::store {
namespace {

constexpr std::size_t digits = 16;  // of one of the two numbers

void append_number(std::string& out, const void* number, std::size_t size) {
  out.append(static_cast<const char*>(number), size);
}

/// Texts end in a zero, so that "ab", "c" is not "a", "bc".
void append_text(std::string& out, std::string_view text) { out.append(text).append(1, '\0'); }

/// Valid until the next call of this thread.
std::string_view bytes_of(const Row& row) {
  thread_local std::string bytes;
  bytes.clear();
  append_number(bytes, &row.step, sizeof row.step);
  append_number(bytes, &row.value, sizeof row.value);
  append_text(bytes, row.measure);
  append_text(bytes, row.split);
  return bytes;
}

std::string bytes_of(const Array& array) {
  std::string bytes;
  append_number(bytes, &array.step, sizeof array.step);
  append_text(bytes, array.name);
  append_text(bytes, array.split);
  append_text(bytes, Json(array.shape).dump());
  append_text(bytes, array.axes.dump());
  append_number(bytes, array.values.data(), array.values.size() * sizeof(double));
  return bytes;
}

Json to_json(const Tally& tally) { return {tally.count, Xxh3{tally.high, tally.low}.hex()}; }

std::uint64_t number_from(const std::string& text, std::size_t place) {
  std::uint64_t number = 0;
  const char* const begin = text.data() + place;
  const auto [end, error] = std::from_chars(begin, begin + digits, number, 16);
  if (error != std::errc() || end != begin + digits) throw std::invalid_argument("no digest");
  return number;
}

Tally tally_from(const Json& json) {
  const std::string text = json.at(1).get<std::string>();
  if (text.size() != 2 * digits) throw std::invalid_argument("no digest");
  return {integer_of(json.at(0)), number_from(text, digits), number_from(text, 0)};
}

}  // namespace

void Tally::add(std::string_view bytes) {
  const Xxh3 hash = xxh3(bytes);
  ++count;
  low += hash.low;
  high += hash.high;
}

void Tally::remove(std::string_view bytes) {
  const Xxh3 hash = xxh3(bytes);
  --count;
  low -= hash.low;
  high -= hash.high;
}

void Contents::add(const Row& row) { rows.add(bytes_of(row)); }
void Contents::add(const Array& array) { arrays[array.name].add(bytes_of(array)); }
void Contents::remove(const Row& row) { rows.remove(bytes_of(row)); }

void Contents::remove(const Array& array) {
  Tally& tally = arrays[array.name];
  tally.remove(bytes_of(array));
  if (tally == Tally{}) arrays.erase(array.name);
}

std::string to_text(const Contents& contents, std::string_view record) {
  Json arrays = Json::object();
  for (const auto& [name, tally] : contents.arrays) arrays[name] = to_json(tally);
  return Json{{"rows", to_json(contents.rows)}, {"arrays", arrays}, {"record", record}}.dump();
}

std::optional<Stated> stated_from(std::string_view text) {
  const Json json = read_json(text);
  try {
    Stated stated{{tally_from(json.at("rows")), {}}, json.at("record").get<std::string>()};
    for (const auto& [name, tally] : json.at("arrays").items()) {
      stated.contents.arrays[name] = tally_from(tally);
    }
    return stated;
  } catch (const Json::exception&) {
    return std::nullopt;
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
}

std::string digest(std::string_view bytes) { return xxh3(bytes).hex(); }

std::string difference(const Tally& expected, const Tally& found, std::string_view what) {
  if (expected == found) return "";
  const std::string name(what);
  if (expected.count == found.count) return "its " + name + " are not those that were stored";
  if (found.count < expected.count) {
    return "it has " + std::to_string(found.count) + " of its " + std::to_string(expected.count) + ' ' + name;
  }
  return "it has " + std::to_string(found.count) + ' ' + name + " where " + std::to_string(expected.count) +
         " were stored";
}

}  // namespace crosstalk::store
