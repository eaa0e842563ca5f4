#include "cli/console.hpp"

#include <gtest/gtest.h>

#include "cli/describe.hpp"

namespace crosstalk::cli {
namespace {

TEST(Console, writes_numbers_times_and_sizes_as_people_do) {
  EXPECT_EQ(with_commas(7), "7");
  EXPECT_EQ(with_commas(44484), "44,484");
  EXPECT_EQ(with_commas(-1234567), "-1,234,567");
  EXPECT_EQ(duration(0.25), "0.2 s");
  EXPECT_EQ(duration(42), "42 s");
  EXPECT_EQ(duration(600), "10 min");
  EXPECT_EQ(duration(3 * 3600), "3.0 h");
  EXPECT_EQ(duration(5 * 86400), "5.0 days");
  EXPECT_EQ(size(812), "812 B");
  EXPECT_EQ(size(3'100'000), "3.1 MB");
}

TEST(Console, aligns_texts_to_the_left_and_numbers_to_the_right) {
  EXPECT_EQ(aligned({{"name", "rows"}, {"california", "20"}, {"é", "1,000"}}),
            "name        rows\ncalifornia     20\né           1,000\n");
}

TEST(Console, describes_a_run_by_what_is_swept) {
  const Json configuration{{"network.hidden", 16}, {"learner.rate", 0.001}, {"task.dataset", "digits"}};
  EXPECT_EQ(describe(configuration, {"learner.rate", "network.hidden"}, 3),
            "learner.rate 0.001, network.hidden 16, seed 3");
}

TEST(Console, shows_the_last_measurement) {
  EXPECT_EQ(last_results({{0, "accuracy", "test", 0.1},
                          {0, "gap", "train-test", 0},
                          {50, "accuracy", "test", 0.9312},
                          {50, "accuracy", "train", 1},
                          {50, "gap", "train-test", 0.0688}}),
            "test accuracy 0.931, gap 0.0688");
  EXPECT_EQ(last_results({}), "nothing measured");
}

}  // namespace
}  // namespace crosstalk::cli
