#include "base/json.hpp"

#include <gtest/gtest.h>

#include <string>

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

}  // namespace
}  // namespace crosstalk
