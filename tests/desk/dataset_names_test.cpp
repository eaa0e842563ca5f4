#include <gtest/gtest.h>

#include <fstream>

#include "study/datasets.hpp"
#include "study/nearest.hpp"

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

TEST(DatasetNames, in_capitals_are_told_which_they_are_near) {
  const std::vector<std::string> names = known_dataset_names();
  EXPECT_EQ(nearest("CIFAR10", names), "cifar10");
  EXPECT_EQ(nearest("Digit", names), "digits");
  EXPECT_EQ(nearest("WINE", names), "");
  EXPECT_EQ(nearest("rnu", std::vector<std::string>{"report", "run"}),
            "run");  // one slip: two letters changed places
}

}  // namespace
}  // namespace crosstalk::study
