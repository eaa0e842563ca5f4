#include "base/message.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <string>

namespace crosstalk {
namespace {

constexpr std::size_t largest_frame = std::size_t{1} << 30;

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
  std::vector<std::uint8_t> frame(4);
  Json::to_cbor(message, frame);
  const std::size_t length = frame.size() - 4;
  if (length > largest_frame) {
    throw Error(ErrorKind::environment, "a message between processes has " + std::to_string(length) +
                                            " bytes, over its limit of 1 GiB: a measurement's arrays are "
                                            "smaller with a smaller probe.samples");
  }
  for (int i = 0; i < 4; ++i) frame[i] = static_cast<std::uint8_t>(length >> (8 * i));
  write_all(descriptor, frame);
}

std::optional<Json> read_frame(int descriptor) {
  std::array<std::uint8_t, 4> head{};
  const std::size_t came = read_all(descriptor, head);
  if (came == 0) return std::nullopt;
  std::size_t length = 0;
  for (int i = 0; i < 4; ++i) length |= std::size_t{head[i]} << (8 * i);
  if (came < head.size() || length > largest_frame) {
    throw Error(ErrorKind::environment, "a message between processes has a broken length");
  }
  std::vector<std::uint8_t> body(length);
  if (read_all(descriptor, body) < length) {
    throw Error(ErrorKind::environment, "a message between processes is cut short");
  }
  try {
    return Json::from_cbor(body);
  } catch (const Json::exception& error) {
    throw Error(ErrorKind::environment,
                std::string("a message between processes is broken: ") + error.what());
  }
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

std::vector<Row> rows_from_json(const Json& json) {
  std::vector<Row> rows;
  rows.reserve(json.size());
  for (const Json& row : json) {
    rows.push_back({row.at(0).get<std::int64_t>(), row.at(1).get<std::string>(), row.at(2).get<std::string>(),
                    row.at(3).get<double>()});
  }
  return rows;
}

std::vector<Array> arrays_from_json(const Json& json) {
  std::vector<Array> arrays;
  for (const Json& item : json) {
    const auto& bytes = item.at("values").get_binary();
    Array array{item.at("step").get<std::int64_t>(),
                item.at("name").get<std::string>(),
                item.at("split").get<std::string>(),
                item.at("shape").get<std::vector<std::int64_t>>(),
                std::vector<double>(bytes.size() / sizeof(double)),
                item.at("axes")};
    std::memcpy(array.values.data(), bytes.data(), array.values.size() * sizeof(double));
    arrays.push_back(std::move(array));
  }
  return arrays;
}

}  // namespace crosstalk
