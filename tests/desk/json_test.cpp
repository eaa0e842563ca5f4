#include "base/json.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace crosstalk {
namespace {

std::string nested(std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); }

TEST(Json, is_read_up_to_a_hundred_levels_deep) {
  EXPECT_TRUE(read_json(nested(100)).is_array());
  EXPECT_TRUE(read_json(nested(101)).is_discarded());
  EXPECT_TRUE(read_json(nested(1'000'000)).is_discarded());
  EXPECT_TRUE(read_json(R"({"a": )" + nested(100) + "}").is_discarded());
}

TEST(Json, counts_no_brackets_inside_texts_and_none_that_are_closed) {
  const std::string brackets(500, '['), pairs = nested(2);
  EXPECT_EQ(read_json('"' + brackets + '"'), brackets);
  EXPECT_EQ(read_json(R"(["\")" + brackets + R"(", "\\", [1]])").size(), 3u);
  std::string many = "[" + pairs;
  for (int i = 0; i < 500; ++i) many += "," + pairs;
  EXPECT_EQ(read_json(many + "]").size(), 501u);
}

TEST(Json, is_discarded_where_it_is_none) {
  for (const char* text : {"", "{", "[1,", "nonsense", "]]]]"})
    EXPECT_TRUE(read_json(text).is_discarded()) << text;
}

std::vector<std::uint8_t> repeated(std::uint8_t byte, std::size_t times, std::vector<std::uint8_t> end) {
  std::vector<std::uint8_t> bytes(times, byte);
  bytes.insert(bytes.end(), end.begin(), end.end());
  return bytes;
}

TEST(Cbor, is_read_as_it_was_written) {
  const Json value = {{"a", {1, -2, 1.5, nullptr, true, "text", std::uint64_t{1} << 63}},
                      {"b", Json::binary({1, 2, 3})},
                      {"c", Json::object()},
                      {"d", std::string(300, 'x')}};
  EXPECT_EQ(read_cbor(Json::to_cbor(value)), value);
}

TEST(Cbor, is_read_up_to_a_hundred_levels_deep) {
  constexpr std::uint8_t list_of_one = 0x81, object_of_one = 0xa1, text_in_pieces = 0x7f, tag = 0xc1;
  EXPECT_TRUE(read_cbor(repeated(list_of_one, 100, {0})).is_array());
  EXPECT_TRUE(read_cbor(repeated(list_of_one, 101, {0})).is_discarded());
  for (const std::uint8_t byte : {list_of_one, object_of_one, text_in_pieces, tag})
    EXPECT_TRUE(read_cbor(repeated(byte, 1'000'000, {0})).is_discarded()) << int{byte};
}

TEST(Cbor, is_discarded_where_it_is_cut_or_goes_on) {
  std::vector<std::uint8_t> bytes = Json::to_cbor(Json{{"a", {1, 2.5, "text", Json::binary({1, 2})}}});
  for (std::size_t length = 0; length < bytes.size(); ++length)
    EXPECT_TRUE(read_cbor(std::span(bytes).first(length)).is_discarded()) << length;
  bytes.push_back(0);
  EXPECT_TRUE(read_cbor(bytes).is_discarded());
}

TEST(Json, has_whole_numbers_that_are_no_rounded_ones) {
  EXPECT_EQ(integer_of(Json(7)), 7);
  EXPECT_EQ(integer_of(Json(-7)), -7);
  for (const Json& other : {Json(7.0), Json(1e300), Json("7"), Json(nullptr)})
    EXPECT_THROW(integer_of(other), Json::type_error) << other;
}

}  // namespace
}  // namespace crosstalk
