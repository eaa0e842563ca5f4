// Quantiles and means of many values, beside sorting.
#include "measure/summary.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "quantile.hpp"
#include "tensor/random.hpp"

namespace crosstalk::measure {
namespace {

TEST(Summaries, have_the_quantiles_that_sorting_gives) {
  const std::vector<double> shares = {0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 1};
  tensor::Stream stream(2, "summaries");
  for (const std::int64_t count : {1, 2, 3, 7, 100, 5000}) {
    for (int shape = 0; shape < 5; ++shape) {
      Summary summary;
      std::vector<double> values;
      for (std::int64_t i = 0; i < count; ++i) {
        const double normal = stream.normal();
        const double value[] = {normal, std::exp(8 * normal), 3.5, std::floor(normal), normal * 1e-310};
        values.push_back(i == 0 && shape == 1 ? 1e300 : value[shape]);
        summary.add(values.back());
      }
      const std::vector<double> found = summary.quantiles(shares);
      for (std::size_t i = 0; i < shares.size(); ++i) {
        EXPECT_EQ(found[i], quantile(values, shares[i]))
            << count << " of shape " << shape << ", " << shares[i];
      }
    }
  }
}

TEST(Summaries, have_no_quantiles_where_a_value_is_not_finite) {
  Summary summary;
  summary.add(1);
  summary.add(NAN);
  EXPECT_TRUE(std::isnan(summary.quantiles({0.5})[0]));
  EXPECT_TRUE(std::isnan(summary.mean()));
}

}  // namespace
}  // namespace crosstalk::measure
