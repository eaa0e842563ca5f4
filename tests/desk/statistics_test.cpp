#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "base/error.hpp"
#include "base/philox.hpp"
#include "stats/bootstrap.hpp"
#include "stats/correlation.hpp"
#include "stats/draws.hpp"
#include "stats/interquartile.hpp"
#include "stats/jackknife.hpp"
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
  Points points{{{}, {}}, {}, {}};
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
  const auto given = [&](std::vector<Column> covariates, const Column& of_a, const Column& of_b) {
    covariates.insert(covariates.begin(), {of_a, of_b});
    return partial_correlation({covariates, std::vector<int>(of_a.size()), {}});
  };
  const std::vector<Column> covariates{first, second};
  const double oracle = pearson(residuals(a, covariates), residuals(b, covariates)).value;
  EXPECT_NEAR(given(covariates, a, b).value, oracle, 1e-12);
  EXPECT_LT(pearson(a, b).value, -0.8);

  const std::vector<Column> more{first, second, Column(60, 7.0), second};  // a constant, and one twice
  EXPECT_NEAR(given(more, a, b).value, oracle, 1e-9);
  EXPECT_NEAR(pearson(residuals(a, more), residuals(b, more)).value, oracle, 1e-9);
  EXPECT_EQ(given({a}, a, b).undefined, "the covariates leave nothing of x or of y");
  EXPECT_EQ(given({{1, 0, 1}}, {1, 2, 4}, {1, 3, 2}).undefined, "fewer than 4 points");
}

TEST(PartialCorrelation, within_levels_is_that_given_a_column_of_ones_for_each) {
  Points points{{normals("x", 60), normals("y", 60)}, std::vector<int>(60), {}};
  std::vector<Column> dummies(5, Column(60, 0.0));
  for (int i = 0; i < 60; ++i) {
    const int level = i * i % 6;  // of unequal sizes
    points.level.push_back(level);
    points.columns[0][i] += 5 * level;
    points.columns[1][i] -= level * level;
    if (level < 5) dummies[level][i] = 1;
  }
  Points by_columns{points.columns, points.configuration, {}};
  for (const Column& dummy : dummies) by_columns.columns.push_back(dummy);
  EXPECT_NEAR(partial_correlation(points).value, partial_correlation(by_columns).value, 1e-12);
  EXPECT_LT(pearson(points.columns[0], points.columns[1]).value, -0.8) << "what the levels hide";
}

/// The definition, by plain sums and a loop: r without each configuration in turn.
Interval by_hand(const Points& points) {
  std::vector<double> z;
  for (int out = 0; out < points.configurations(); ++out) {
    Column x, y;
    for (std::size_t i = 0; i < points.configuration.size(); ++i) {
      if (points.configuration[i] == out) continue;
      x.push_back(points.columns[0][i]);
      y.push_back(points.columns[1][i]);
    }
    z.push_back(std::atanh(pearson(x, y).value));
  }
  const double count = static_cast<double>(z.size()),
               middle = std::accumulate(z.begin(), z.end(), 0.0) / count;
  double squares = 0;
  for (const double value : z) squares += (value - middle) * (value - middle);
  const double at = std::atanh(pearson(points.columns[0], points.columns[1]).value);
  const double reach =
      t_quantile(0.95, static_cast<int>(count) - 1) * std::sqrt((count - 1) / count * squares);
  return {std::tanh(at - reach), std::tanh(at + reach), {}};
}

TEST(Jackknife, of_r_is_its_definition) {
  const Points points = clustered();
  const Inference found = correlation(points);
  EXPECT_NEAR(found.value.value, pearson(points.columns[0], points.columns[1]).value, 1e-14);
  EXPECT_NEAR(found.interval.low, by_hand(points).low, 1e-12);
  EXPECT_NEAR(found.interval.high, by_hand(points).high, 1e-12);
  const Interval runs = bootstrap_correlation(points, "width");
  EXPECT_GT(found.interval.high - found.interval.low, 1.3 * (runs.high - runs.low));
}

TEST(Jackknife, of_a_mean_is_the_textbooks_where_each_configuration_has_one_run) {
  Points points{{normals("mean", 40)}, std::vector<int>(40), {}};
  std::iota(points.configuration.begin(), points.configuration.end(), 0);
  const Summary summary = summarise(points.columns[0]);
  const Interval interval = mean(points).interval;
  EXPECT_NEAR(interval.high - summary.mean.value, t_quantile(0.95, 39) * summary.se.value, 1e-12);
}

TEST(Jackknife, of_a_line_holds_the_line_and_the_slope_is_of_the_columns_units) {
  Points points = clustered();
  const Line line = least_squares(points.columns[0], points.columns[1]);
  const Column at{-1, 0, 2};
  const std::vector<Interval> band = line_heights(points, at);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(band[i].holds(line.at(at[i]))) << i;
  for (double& value : points.columns[1]) value *= 1000;
  EXPECT_NEAR(slope(points).value.value, 1000 * line.slope, 1e-9);
  EXPECT_TRUE(slope(points).interval.holds(1000 * line.slope));
}

TEST(Jackknife, gives_no_interval_below_four_configurations_and_says_why_there_is_none) {
  Points points = clustered();
  Points few = points;
  for (int& configuration : few.configuration) configuration %= 3;
  for (const Inference& inference : {correlation(few), mean(few), slope(few)}) {
    EXPECT_TRUE(inference.value.defined());
    EXPECT_EQ(inference.interval.undefined, "fewer than 4 configurations");
  }
  EXPECT_EQ(line_heights(few, Column{0}).front().undefined, "fewer than 4 configurations");
  EXPECT_EQ(bootstrap_correlation(few, "few").undefined, "fewer than 4 configurations");
  points.columns[1] = points.columns[0];
  EXPECT_EQ(correlation(points).interval.undefined, "the points lie on a line");
  points.columns[1] = Column(48, 0.0);
  points.columns[1][0] = 1;  // one configuration alone differs
  EXPECT_EQ(correlation(points).interval.undefined,
            "without one of the configurations the number does not exist");
  EXPECT_EQ(bootstrap_correlation(points, "rare").undefined, "more than one resample in ten has no value");
  points.columns[1][0] = std::nan("");
  EXPECT_EQ(correlation(points).value.undefined, "a value is not finite");
  std::fill(points.columns[1].begin(), points.columns[1].end(), 2.0);
  EXPECT_EQ(correlation(points).value.undefined, "y is constant");
}

TEST(Jackknife, does_not_count_configurations_that_are_alone_in_their_level) {
  Points points = clustered();
  points.level = points.configuration;
  const Inference before = correlation(points);
  for (int lone = 100; lone < 130; ++lone) {
    points.columns[0].push_back(lone);
    points.columns[1].push_back(-lone);
    points.configuration.push_back(lone);
    points.level.push_back(lone);
  }
  const Inference after = correlation(points);
  EXPECT_NEAR(after.value.value, before.value.value, 1e-9);
  EXPECT_NEAR(after.interval.low, before.interval.low, 1e-9);
  EXPECT_EQ(after.degrees, 11);
}

TEST(Jackknife, of_what_is_compared_with_itself_is_nothing) {
  const Inference one = correlation(clustered());
  const Inference none = difference(one, one);
  EXPECT_EQ(none.value.value, 0);
  EXPECT_EQ(none.interval.high - none.interval.low, 0);
  Points other = clustered();
  for (int& configuration : other.configuration) configuration += 100;  // as if it were another study
  const Interval apart = difference(one, correlation(other)).interval;
  EXPECT_GT(apart.high - apart.low, one.interval.high - one.interval.low);
}

TEST(Jackknife, pools_levels_as_equals_and_passes_over_the_small_ones) {
  Points points = clustered();
  for (int i = 0; i < 48; ++i) points.level.push_back(i / 4 < 5 ? 0 : i / 4 < 10 ? 1 : 2);
  EXPECT_EQ(pooled_correlation(points).levels, 2);  // the third has two configurations
  Points first{{{}, {}}, {}, {}};
  for (int i = 0; i < 20; ++i) {
    for (int j = 0; j < 2; ++j) first.columns[j].push_back(points.columns[j][i]);
    first.configuration.push_back(i / 4);
  }
  EXPECT_EQ(pooled_correlation(first).levels, 1);
}

// A 90% interval is meant to hold the truth in 90% of studies. With 1,500 trials the binomial standard error
// is 0.008; the margins below are what docs/statistics.md says (88% to 92%, a little more where
// configurations are few) and four of it.
TEST(Coverage, is_near_90_percent_and_each_sides_error_at_most_8) {
  struct Case {
    Quantity quantity;
    Design design;
    double most = 0.92;
  };
  const Case cases[] = {{Quantity::r, {6, 2, 0.1, 0.9}},
                        {Quantity::r, {12, 4, 0.2, 0.5}},
                        {Quantity::r, {24, 4, 0.2, -0.9, 1, false, true}},
                        {Quantity::r, {4, 4, 0.2, 0}, 0.94},
                        {Quantity::given_level, {6, 2, 0.2, 0.5, 3}, 0.935},
                        {Quantity::within_cell, {12, 3, 0.5, 0.5}},
                        {Quantity::pooled, {12, 3, 0.2, -0.5, 3}},
                        {Quantity::mean, {6, 3, 0.2, 0}},
                        {Quantity::median, {12, 3, 0.2, 0, 1, false, true}},
                        {Quantity::slope, {12, 3, 0.2, 0.5}},
                        {Quantity::height, {12, 3, 0.2, 0.5}},
                        {Quantity::difference, {12, 3, 0.2, 0.5}},
                        {Quantity::paired, {12, 3, 0.2, 0.5}}};
  for (const Case& one : cases) {
    const Coverage coverage = simulate_coverage(one.design, one.quantity, 1500, 0, "known");
    const std::string name = "quantity " + std::to_string(static_cast<int>(one.quantity));
    EXPECT_GT(coverage.holds, 0.88 - 0.032) << name;
    EXPECT_LT(coverage.holds, one.most + 0.032) << name;
    EXPECT_LT(std::max(coverage.above, coverage.below), 0.08 + 0.026) << name;
  }
}

TEST(Coverage, of_resampled_runs_is_far_below_90_percent_where_seeds_resemble_each_other) {
  EXPECT_NEAR(simulate_coverage({12, 4, 0.2, 0.5}, Quantity::r, 1500, 300, "known").runs, 0.61, 0.051);
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

/// By counting, without sorting: values that have a quarter at or below them, ties in the order they stand.
double middle_by_counting(const Column& values) {
  const std::size_t n = values.size(), cut = n / 4;
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    std::size_t before = 0;
    for (std::size_t j = 0; j < n; ++j) before += values[j] < values[i] || (values[j] == values[i] && j < i);
    if (before >= cut && before < n - cut) sum += values[i];
  }
  return sum / static_cast<double>(n - 2 * cut);
}

TEST(InterquartileMean, leaves_out_a_quarter_of_the_values_at_each_end) {
  for (int n = 1; n <= 25; ++n) {
    Column values = normals("interquartile/" + std::to_string(n), n);
    for (std::size_t i = 2; i < values.size(); i += 3) values[i] = values[i - 1];  // ties
    EXPECT_NEAR(interquartile_mean(values).value, middle_by_counting(values), 1e-14) << n;
  }
  EXPECT_EQ(interquartile_mean(Column{5, 1e9, 3, -1e9}).value, 4);
  EXPECT_EQ(interquartile_mean(Column{}).undefined, "no value");
  EXPECT_EQ(interquartile_mean(Column{1, infinity}).undefined, "a value is not finite");
}

TEST(InterquartileMean, has_the_interval_of_all_resamples_counted_out) {
  const Column runs{0, 1, 10, 30};  // 4^4 resamples, each as likely as the next: of each the middle two
  Column means;
  for (int code = 0; code < 256; ++code) {
    Column resample;
    for (int i = 0, rest = code; i < 4; ++i, rest /= 4) resample.push_back(runs[rest % 4]);
    means.push_back(middle_by_counting(resample));
  }
  const Interval interval =
      interquartile_interval({runs}, "counted out", {.resamples = 100000, .level = 0.8});
  EXPECT_EQ(interval.low, quantile(means, 0.1).value);
  EXPECT_EQ(interval.high, quantile(means, 0.9).value);
}

TEST(InterquartileMean, draws_the_runs_of_each_task_from_that_task_and_by_its_name_alone) {
  const std::vector<Column> tasks{{1, 1, 1}, {100, 100, 100}, {7, 7, 7}};
  const Interval still = interquartile_interval(tasks, "tasks");  // whatever is drawn, three of each
  EXPECT_EQ(still.low, still.high);
  EXPECT_EQ(still.low, interquartile_mean(Column{1, 1, 1, 7, 7, 7, 100, 100, 100}).value);
  const Column runs = normals("runs", 8);
  const BootstrapOptions few{.resamples = 50};
  const Interval once = interquartile_interval({runs}, "a", few),
                 other = interquartile_interval({runs}, "b", few);
  EXPECT_EQ(once.low, interquartile_interval({runs}, "a", few).low);
  EXPECT_NE(once.low, other.low);
  EXPECT_EQ(interquartile_interval({{1, 2}}, "a").undefined, "fewer than 3 runs");
  EXPECT_EQ(interquartile_interval({{1, 2, 3}, {1, infinity, 2}}, "a").undefined, "a value is not finite");
  EXPECT_EQ(interquartile_interval({}, "a").undefined, "no value");
}

}  // namespace
}  // namespace crosstalk::stats
