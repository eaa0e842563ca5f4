#include "base/message.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <string>

#include "base/text.hpp"

namespace crosstalk {
namespace {

constexpr std::size_t head_bytes = 4;
constexpr std::size_t largest_frame = std::size_t{1} << 30;
constexpr std::size_t block_bytes = std::size_t{1} << 20;

[[noreturn]] void refuse(const std::string& what) {
  throw Error(ErrorKind::environment, "a message between processes " + what);
}

/// What a frame's first bytes say; there must be as many.
std::size_t length_of(std::span<const std::uint8_t> head) {
  std::size_t length = 0;
  for (std::size_t i = 0; i < head_bytes; ++i) length |= std::size_t{head[i]} << (8 * i);
  if (length > largest_frame) refuse("has a broken length");
  return length;
}

Json message_of(std::span<const std::uint8_t> body) {
  Json message = read_cbor(body);
  if (message.is_discarded()) refuse("is broken");
  return message;
}

/// Names of measures, splits and arrays: a store keeps texts.
std::string name_from(const Json& json) {
  std::string name = json.get<std::string>();
  if (!is_utf8(name)) refuse("has a name in it that is no text: " + cut(name));
  return name;
}

void write_all(int descriptor, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      throw Unwritable(std::string("the other process cannot be written to: ") + std::strerror(errno));
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

/// Fills `bytes`, or stops at the end of file; returns how many came.
std::size_t read_all(int descriptor, std::span<std::uint8_t> bytes) {
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t came = ::read(descriptor, bytes.data() + filled, bytes.size() - filled);
    if (came < 0 && errno == EINTR) continue;
    if (came < 0) {
      throw Error(ErrorKind::environment,
                  std::string("the other process cannot be read from: ") + std::strerror(errno));
    }
    if (came == 0) break;
    filled += static_cast<std::size_t>(came);
  }
  return filled;
}

}  // namespace

void write_frame(int descriptor, const Json& message) {
  std::vector<std::uint8_t> frame(head_bytes);
  Json::to_cbor(message, frame);
  const std::size_t length = frame.size() - head_bytes;
  if (length > largest_frame) {
    throw Error(ErrorKind::environment, "a message between processes has " + std::to_string(length) +
                                            " bytes, over its limit of 1 GiB: a measurement's arrays are "
                                            "smaller with a smaller probe.samples");
  }
  for (std::size_t i = 0; i < head_bytes; ++i) frame[i] = static_cast<std::uint8_t>(length >> (8 * i));
  write_all(descriptor, frame);
}

std::optional<Json> read_frame(int descriptor) {
  std::array<std::uint8_t, head_bytes> head{};
  const std::size_t came = read_all(descriptor, head);
  if (came == 0) return std::nullopt;
  if (came < head.size()) refuse("has a broken length");
  const std::size_t length = length_of(head);
  std::vector<std::uint8_t> body;  // grows with what comes: a broken length may be any
  while (body.size() < length) {
    const std::size_t before = body.size();
    body.resize(std::min(length, before + block_bytes));
    if (read_all(descriptor, std::span(body).subspan(before)) < body.size() - before) refuse("is cut short");
  }
  return message_of(body);
}

std::vector<Json> take_frames(std::string& buffer) {
  std::vector<Json> messages;
  std::span<const std::uint8_t> left(reinterpret_cast<const std::uint8_t*>(buffer.data()), buffer.size());
  while (left.size() >= head_bytes) {
    const std::size_t length = length_of(left);
    if (left.size() - head_bytes < length) break;
    messages.push_back(message_of(left.subspan(head_bytes, length)));
    if (!messages.back().is_object()) refuse("is no object");
    left = left.subspan(head_bytes + length);
  }
  buffer.erase(0, buffer.size() - left.size());
  return messages;
}

Json to_json(const std::vector<Row>& rows) {
  Json list = Json::array();
  for (const Row& row : rows) list.push_back({row.step, row.measure, row.split, row.value});
  return list;
}

Json to_json(const std::vector<Array>& arrays) {
  Json list = Json::array();
  for (const Array& array : arrays) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(array.values.data());
    list.push_back({{"step", array.step},
                    {"name", array.name},
                    {"split", array.split},
                    {"shape", array.shape},
                    {"values", Json::binary({bytes, bytes + array.values.size() * sizeof(double)})},
                    {"axes", array.axes}});
  }
  return list;
}

std::string text_from(const Json& message, const char* field) {
  return printable(message.at(field).get<std::string>());
}

std::vector<Row> rows_from_json(const Json& json) {
  std::vector<Row> rows;
  rows.reserve(json.size());
  for (const Json& row : json)
    rows.push_back(
        {integer_of(row.at(0)), name_from(row.at(1)), name_from(row.at(2)), row.at(3).get<double>()});
  return rows;
}

std::vector<Array> arrays_from_json(const Json& json) {
  std::vector<Array> arrays;
  for (const Json& item : json) {
    const auto& bytes = item.at("values").get_binary();
    Array array{integer_of(item.at("step")),
                name_from(item.at("name")),
                name_from(item.at("split")),
                {},
                std::vector<double>(bytes.size() / sizeof(double)),
                item.at("axes")};
    std::uint64_t size = sizeof(double);
    bool fits = true;
    for (const Json& length : item.at("shape")) {
      array.shape.push_back(integer_of(length));
      fits = fits && array.shape.back() >= 0 &&
             !__builtin_mul_overflow(size, static_cast<std::uint64_t>(array.shape.back()), &size);
    }
    if (!fits || size != bytes.size())
      refuse("has an array " + cut(array.name) + " of shape " + Json(array.shape).dump() + " in " +
             std::to_string(bytes.size()) + " bytes");
    if (!bytes.empty()) std::memcpy(array.values.data(), bytes.data(), bytes.size());
    arrays.push_back(std::move(array));
  }
  return arrays;
}

}  // namespace crosstalk
