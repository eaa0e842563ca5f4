// How often a verdict says what is not so, at the shapes of the paper's studies.
#include <gtest/gtest.h>

#include <map>

#include "desk/imagined_study.hpp"

namespace crosstalk::figures {
namespace {

using namespace imagined;

constexpr int studies = 400;
constexpr double within = 0.3;  // of the variance: between the seeds of one configuration

using Verdicts = std::map<Verdict, int>;

/// Verdicts on so many studies of twelve networks of four seeds, for each number of examples.
Verdicts judge(const std::string& rule, double r, const std::vector<int>& sizes, double apart = 0) {
  Study study;
  stats::Draws draws(rule);
  for (int i = 0; i < studies; ++i) {
    for (const int examples : sizes) {
      for (int network = 0; network < 12; ++network) {
        const auto [x, y] = correlated(draws, r);
        for (int seed = 0; seed < 4; ++seed) {
          const auto [own_x, own_y] = correlated(draws, r);
          const double between = std::sqrt(1 - within), own = std::sqrt(within);
          study.run("study" + std::to_string(i), classify(examples, 8 << (network % 3), network / 3), seed,
                    pair(between * x + own * own_x + apart * std::log(examples), between * y + own * own_y));
        }
      }
    }
  }
  Verdicts verdicts;
  for (const Group& group : study.judged(rule).groups) ++verdicts[verdict_of({group}, false)];
  return verdicts;
}

/// Five of a hundred, and four standard errors of so many studies more.
constexpr double at_most = studies * (0.05 + 4 * 0.011);

TEST(RatesOfVerdicts, of_a_sign_that_is_not_there_are_false_in_one_of_twenty_a_side) {
  Verdicts verdicts = judge("r(log interference, gap) > 0", 0, {500});
  EXPECT_LT(verdicts[Verdict::supported], at_most);
  EXPECT_LT(verdicts[Verdict::contradicted], at_most);
  EXPECT_GT(verdicts[Verdict::supported] + verdicts[Verdict::contradicted], 0.03 * studies)
      << "an interval that is far too wide decides nothing";
}

TEST(RatesOfVerdicts, at_a_limit_that_is_the_truth_are_false_in_one_of_twenty_a_side) {
  Verdicts verdicts = judge("r(log interference, gap) < -0.6", -0.6, {500});
  EXPECT_LT(verdicts[Verdict::supported], at_most);
  EXPECT_LT(verdicts[Verdict::contradicted], at_most);
}

TEST(RatesOfVerdicts, of_a_pooled_r_are_false_in_one_of_twenty_a_side) {
  Verdicts verdicts = judge("r(log interference, gap pooled over examples) > 0", 0, {500, 1000, 5000}, 2);
  EXPECT_LT(verdicts[Verdict::supported], at_most);
  EXPECT_LT(verdicts[Verdict::contradicted], at_most);
}

TEST(RatesOfVerdicts, of_a_pooled_r_find_a_strong_relation_that_is_there) {
  Verdicts verdicts =
      judge("r(log interference, gap pooled over examples) < -0.3", -0.6, {500, 1000, 5000, 10000}, 2);
  EXPECT_GT(verdicts[Verdict::supported], 0.8 * studies) << "each size for itself would find it in few";
  EXPECT_EQ(verdicts[Verdict::contradicted], 0);
}

TEST(RatesOfVerdicts, on_a_difference_in_either_direction_are_false_in_one_of_twenty_together) {
  Verdicts verdicts = judge(
      "r(log interference, gap where network.depth >= 2) != r(log interference, gap where "
      "network.depth < 2)",
      0.3, {500});
  EXPECT_LT(verdicts[Verdict::supported], at_most);
  EXPECT_EQ(verdicts[Verdict::contradicted], 0) << "no interval shows that two numbers are equal";
}

}  // namespace
}  // namespace crosstalk::figures
