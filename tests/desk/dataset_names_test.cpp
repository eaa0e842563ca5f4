#include <gtest/gtest.h>

#include <fstream>

#include "study/datasets.hpp"

namespace crosstalk::study {
namespace {

TEST(DatasetNames, say_what_the_table_says_that_python_is_held_to_as_well) {
  std::ifstream table(CROSSTALK_SOURCE_DIR "/tests/dataset_names.txt");
  int held = 0;
  for (std::string line; std::getline(table, line);) {
    if (line.starts_with('#')) continue;
    const std::size_t tab = line.find('\t');
    ASSERT_NE(tab, std::string::npos) << line;
    EXPECT_EQ(family_of(line.substr(0, tab)), line.substr(tab + 1)) << line;
    ++held;
  }
  EXPECT_GT(held, 20);
}

}  // namespace
}  // namespace crosstalk::study
