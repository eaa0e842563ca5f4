// What a worker sends is taken whole or refused; what is taken can be stored.
#include "base/message.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/error.hpp"

namespace crosstalk {
namespace {

std::string frame(const std::vector<std::uint8_t>& body) {
  std::string bytes;
  for (int i = 0; i < 4; ++i) bytes += static_cast<char>(body.size() >> (8 * i));
  return bytes.append(body.begin(), body.end());
}
std::string frame(const Json& message) { return frame(Json::to_cbor(message)); }

/// A list of one row.
Json row(const Json& step, const char* measure, const char* split) {
  return Json::array({Json::array({step, measure, split, 0.5})});
}

TEST(Frames, are_taken_off_a_buffer_as_soon_as_they_are_whole) {
  const Json first = {{"event", "progress"}, {"step", 3}}, second = {{"event", "flush"}};
  const std::string bytes = frame(first) + frame(second);
  std::string buffer;
  std::vector<Json> taken;
  for (const char byte : bytes) {
    buffer += byte;
    for (Json& message : take_frames(buffer)) taken.push_back(std::move(message));
  }
  EXPECT_EQ(taken, (std::vector<Json>{first, second}));
  EXPECT_TRUE(buffer.empty());
}

TEST(Frames, that_are_no_messages_are_refused) {
  for (const std::string& bytes :
       {frame(std::vector<std::uint8_t>{0xff}), frame(Json::array()), frame(Json("text")),
        std::string("\xff\xff\xff\xff"), frame(std::vector<std::uint8_t>(100'000, 0x81))}) {
    std::string buffer = bytes;
    EXPECT_THROW(take_frames(buffer), Error) << bytes.substr(0, 8);
  }
}

TEST(Rows, come_back_as_they_were_sent) {
  const std::vector<Row> rows = {{1, "loss", "train", 0.1}, {-1, "gap", "test", -0.0}};
  const std::vector<Row> again = rows_from_json(to_json(rows));
  ASSERT_EQ(again.size(), rows.size());
  EXPECT_EQ(to_json(again), to_json(rows));
  EXPECT_TRUE(std::signbit(again[1].value));
}

TEST(Rows, that_no_store_could_give_back_are_refused) {
  EXPECT_NO_THROW(rows_from_json(row(1, "loss", "train")));
  EXPECT_THROW(rows_from_json(row(1e300, "loss", "train")), Json::exception);
  EXPECT_THROW(rows_from_json(row(std::numeric_limits<double>::quiet_NaN(), "loss", "train")),
               Json::exception);
  EXPECT_THROW(rows_from_json(row(1, "lo\xff", "train")), Error);
  EXPECT_THROW(rows_from_json(row(1, "loss", "\xff")), Error);
  EXPECT_THROW(rows_from_json(Json::array({Json::array({1, "loss"})})), Json::exception);
}

TEST(Arrays, have_as_many_values_as_their_shape_says) {
  const Array array{5, "gram", "train", {2, 3}, {1, 2, 3, 4, 5, 6}, nullptr};
  const Json sent = to_json(std::vector{array});
  EXPECT_EQ(to_json(arrays_from_json(sent)), sent);
  for (const Json& shape :
       {Json{2, 2}, Json{6, 2}, Json{-2, -3}, Json{2.0, 3}, Json{std::int64_t{1} << 62, 8}}) {
    Json other = sent;
    other[0]["shape"] = shape;
    EXPECT_ANY_THROW(arrays_from_json(other)) << shape;
  }
  Json cut = sent;
  cut[0]["values"] = Json::binary(std::vector<std::uint8_t>(47));
  EXPECT_THROW(arrays_from_json(cut), Error);
}

}  // namespace
}  // namespace crosstalk
