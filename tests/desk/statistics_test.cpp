#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "base/error.hpp"
#include "base/philox.hpp"
#include "stats/bootstrap.hpp"
#include "stats/correlation.hpp"
#include "stats/draws.hpp"
#include "stats/line.hpp"
#include "stats/moments.hpp"
#include "stats/simulate.hpp"
#include "stats/summary.hpp"

namespace crosstalk::stats {
namespace {

using Column = std::vector<double>;
constexpr double infinity = std::numeric_limits<double>::infinity();

Column normals(const std::string& name, int count) {
  Draws draws(name);
  Column values;
  for (int i = 0; i < count; ++i) values.push_back(draws.normal());
  return values;
}

/// 12 configurations of 4 seeds: x and y share the configuration's part.
Points clustered() {
  const Column shared = normals("shared", 24), own = normals("own", 96);
  Points points{{{}, {}}, {}};
  for (int i = 0; i < 48; ++i) {
    points.columns[0].push_back(shared[i / 4] + 0.3 * own[i]);
    points.columns[1].push_back(0.6 * shared[i / 4] + 0.8 * shared[12 + i / 4] + 0.3 * own[48 + i]);
    points.configuration.push_back(i / 4);
  }
  return points;
}

TEST(Philox, gives_the_words_of_its_authors_test_vectors) {
  using Words = std::array<std::uint32_t, 4>;
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  const std::uint32_t ones = 0xffffffff;
  EXPECT_EQ(philox({ones, ones, ones, ones}, {ones, ones}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Draws, are_even_and_of_their_name_alone) {
  Draws draws("a"), again("a"), other("b");
  std::vector<int> counts(7);
  int same = 0;
  for (int i = 0; i < 70000; ++i) {
    const std::uint32_t value = draws.below(7);
    ++counts[value];
    EXPECT_EQ(value, again.below(7));
    same += value == other.below(7);
  }
  for (const int count : counts) EXPECT_NEAR(count, 10000, 4 * std::sqrt(10000.0 * 6 / 7));
  EXPECT_NEAR(same, 10000, 4 * std::sqrt(10000.0 * 6 / 7));
}

TEST(Pearson, is_one_of_a_line_and_says_why_where_it_is_none) {
  EXPECT_NEAR(pearson(Column{1, 2, 3}, Column{-2, -4, -6}).value, -1, 1e-15);
  EXPECT_EQ(pearson(Column{1, 2}, Column{1, 2}).undefined, "fewer than 3 points");
  EXPECT_EQ(pearson(Column{}, Column{}).undefined, "fewer than 3 points");
  EXPECT_EQ(pearson(Column{1, 1, 1}, Column{1, 2, 3}).undefined, "x is constant");
  EXPECT_EQ(pearson(Column{1, 2, 3}, Column{0.1, 0.1, 0.1}).undefined, "y is constant");
  EXPECT_EQ(pearson(Column{1, 2, std::nan("")}, Column{1, 2, 3}).undefined, "a value is not finite");
  EXPECT_EQ(pearson(Column{1, 2, 3}, Column{1, infinity, 3}).undefined, "a value is not finite");
  EXPECT_THROW(pearson(Column{1, 2, 3}, Column{1, 2}), Error);
}

TEST(Pearson, keeps_its_digits_far_from_zero_and_at_any_scale) {
  const Column x = normals("x", 50), y = normals("y", 50);
  const double r = pearson(x, y).value;
  Column far = x, tiny = y;
  for (double& value : far) value += 1e6;
  for (double& value : tiny) value *= 1e-200;
  EXPECT_NEAR(pearson(far, y).value, r, 1e-9);
  EXPECT_NEAR(pearson(x, tiny).value, r, 1e-14);
}

TEST(PartialCorrelation, is_the_correlation_of_least_squares_residuals) {
  const Column x = normals("x", 60), y = normals("y", 60), first = normals("first", 60);
  Column second = normals("second", 60), a = x, b = y;
  for (int i = 0; i < 60; ++i) {
    second[i] += 0.9 * first[i];
    a[i] += 3 * first[i] + second[i];
    b[i] -= 2 * first[i] + 0.5 * second[i];
  }
  const std::vector<Column> covariates{first, second};
  const double oracle = pearson(residuals(a, covariates), residuals(b, covariates)).value;
  EXPECT_NEAR(partial_correlation(a, b, covariates).value, oracle, 1e-12);
  EXPECT_LT(pearson(a, b).value, -0.8);

  const std::vector<Column> more{first, second, Column(60, 7.0), second};  // a constant, and one twice
  EXPECT_NEAR(partial_correlation(a, b, more).value, oracle, 1e-9);
  EXPECT_NEAR(pearson(residuals(a, more), residuals(b, more)).value, oracle, 1e-9);
  EXPECT_EQ(partial_correlation(a, b, std::vector<Column>{a}).undefined,
            "the covariates leave nothing of x or of y");
  EXPECT_EQ(partial_correlation(Column{1, 2, 4}, Column{1, 3, 2}, std::vector<Column>{{1, 0, 1}}).undefined,
            "fewer than 4 points");
}

TEST(Bootstrap, gives_no_interval_below_six_configurations) {
  Points points = clustered();
  for (int& configuration : points.configuration) configuration %= 5;
  for (const Resampling unit : {Resampling::runs, Resampling::configurations}) {
    EXPECT_EQ(bootstrap_correlation(points, unit, "few").undefined, "fewer than 6 configurations");
    EXPECT_EQ(bootstrap_mean(points, unit, "few").undefined, "fewer than 6 configurations");
    EXPECT_EQ(bootstrap_line(points, unit, Column{0, 1}, "few").heights[1].undefined,
              "fewer than 6 configurations");
  }
}

TEST(Bootstrap, is_wider_where_configurations_are_drawn_when_seeds_resemble_each_other) {
  const Points points = clustered();
  const Interval runs = bootstrap_correlation(points, Resampling::runs, "width");
  const Interval configurations = bootstrap_correlation(points, Resampling::configurations, "width");
  EXPECT_GT(configurations.high - configurations.low, 1.3 * (runs.high - runs.low));
  const double r = pearson(points.columns[0], points.columns[1]).value;
  EXPECT_TRUE(runs.holds(r));
  EXPECT_TRUE(configurations.holds(r));
}

TEST(Bootstrap, is_the_same_whatever_was_computed_before) {
  const Points points = clustered();
  const Interval first = bootstrap_correlation(points, Resampling::configurations, "a");
  bootstrap_mean(points, Resampling::runs, "b");
  const Interval again = bootstrap_correlation(points, Resampling::configurations, "a");
  EXPECT_EQ(first.low, again.low);
  EXPECT_EQ(first.high, again.high);
  EXPECT_NE(first.low, bootstrap_correlation(points, Resampling::configurations, "c").low);
}

TEST(Bootstrap, refuses_what_has_no_correlation) {
  Points points = clustered();
  std::fill(points.columns[1].begin(), points.columns[1].end(), 2.0);
  EXPECT_FALSE(bootstrap_correlation(points, Resampling::runs, "constant").defined());
  points.columns[1] = Column(48, 0.0);
  points.columns[1][0] = 1;  // one run in 48 differs: a third of the resamples miss it
  EXPECT_EQ(bootstrap_correlation(points, Resampling::runs, "rare").undefined,
            "more than one resample in ten has no value");
  points.columns[1][0] = std::nan("");
  EXPECT_EQ(bootstrap_correlation(points, Resampling::runs, "nan").undefined, "a value is not finite");
}

TEST(Bootstrap, of_the_mean_agrees_with_the_standard_error) {
  Points points{{normals("mean", 400)}, std::vector<int>(400)};
  std::iota(points.configuration.begin(), points.configuration.end(), 0);
  const Summary summary = summarise(points.columns[0]);
  const Interval interval = bootstrap_mean(points, Resampling::configurations, "mean");
  EXPECT_NEAR(interval.high - interval.low, 2 * 1.645 * summary.se.value, 0.2 * summary.se.value);
  EXPECT_NEAR((interval.high + interval.low) / 2, summary.mean.value, 0.15 * summary.se.value);
}

TEST(Bootstrap, of_a_line_holds_the_line) {
  const Points points = clustered();
  const Line line = least_squares(points.columns[0], points.columns[1]);
  const Column at{-1, 0, 2};
  const LineIntervals band = bootstrap_line(points, Resampling::configurations, at, "line");
  EXPECT_TRUE(band.slope.holds(line.slope));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(band.heights[i].holds(line.at(at[i]))) << i;
}

// 12 configurations of 4 seeds, a fifth of the variance between seeds: what is known to happen is 60% and
// 85%. With 1,500 trials the binomial standard errors are 0.013 and 0.009; the margins are four of them.
TEST(Bootstrap, of_configurations_covers_about_85_percent_where_that_of_runs_covers_60) {
  const Coverage coverage = simulate_coverage({12, 4, 0.2, 0.5}, 1500, 300, "known");
  EXPECT_NEAR(coverage.configurations, 0.84, 0.038);
  EXPECT_NEAR(coverage.runs, 0.61, 0.051);
}

TEST(Bootstrap, covers_near_90_percent_with_many_configurations) {
  const Coverage coverage = simulate_coverage({60, 1, 1, 0.5}, 1500, 300, "many");
  EXPECT_NEAR(coverage.configurations, 0.89, 0.034);
  EXPECT_NEAR(coverage.runs, 0.89, 0.034);
}

TEST(Summary, says_what_it_can_of_few_values) {
  const Summary one = summarise(Column{3});
  EXPECT_EQ(one.mean.value, 3);
  EXPECT_EQ(one.sd.undefined, "one value");
  EXPECT_EQ(summarise(Column{}).mean.undefined, "no value");
  EXPECT_EQ(summarise(Column{1, infinity}).median.undefined, "a value is not finite");
  const Summary four = summarise(Column{4, 1, 3, 2});
  EXPECT_EQ(four.median.value, 2.5);
  EXPECT_EQ(four.low_quartile.value, 1.75);
  EXPECT_EQ(four.max.value, 4);
}

TEST(Line, is_level_where_y_is_constant_and_none_where_x_is) {
  const Line level = least_squares(Column{1, 2, 3}, Column{5, 5, 5});
  EXPECT_TRUE(level.defined());
  EXPECT_EQ(level.slope, 0);
  EXPECT_EQ(level.intercept, 5);
  EXPECT_EQ(least_squares(Column{1, 1, 1}, Column{1, 2, 3}).undefined, "x is constant");
  EXPECT_EQ(least_squares(Column{1, 2}, Column{1, 2}).undefined, "fewer than 3 points");
}

}  // namespace
}  // namespace crosstalk::stats
