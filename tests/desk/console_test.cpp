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

TEST(Console, quotes_a_word_as_a_shell_takes_it) {
  EXPECT_EQ(shell_word("results/a-1.b"), "results/a-1.b");
  EXPECT_EQ(shell_word("l'été & co"), "'l'\\''été & co'");
  EXPECT_EQ(shell_word(""), "''");
  EXPECT_EQ(shell_word("it's\x1b[31m\\"), "$'it\\'s\\033[31m\\\\'");
}

TEST(Text, is_shown_with_what_is_no_character_escaped) {
  EXPECT_EQ(printable("été\n"), "été\n");
  EXPECT_EQ(printable("r\xe9sultats"), "r\\xe9sultats");
  EXPECT_EQ(printable("a\x1b[31m\tb"), "a\\x1b[31m\\x09b");
  EXPECT_TRUE(is_utf8("une étude, 研究, 🙂"));
  for (const char* bytes : {"\xe9", "\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\x80"})
    EXPECT_FALSE(is_utf8(bytes)) << printable(bytes);
}

TEST(Text, is_shortened_in_the_middle_and_between_characters) {
  EXPECT_EQ(shortened("short", 40), "short");
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "é";
  const std::string cut = shortened(many, 101);
  EXPECT_LE(cut.size(), 101u);
  EXPECT_TRUE(is_utf8(cut)) << cut;
  EXPECT_NE(cut.find(" ... "), std::string::npos);
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
  const Row loss{10, "loss", "test", 0.25}, cosine{10, "cosine", "test", 0.5};
  EXPECT_EQ(last_results({loss, cosine}), "test loss 0.25") << "where nothing says more";
  EXPECT_EQ(last_results({cosine, cosine}), "2 numbers measured");
}

}  // namespace
}  // namespace crosstalk::cli
