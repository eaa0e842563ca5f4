#include "tensor/arithmetic.hpp"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <chrono>

namespace crosstalk::tensor {
namespace {

TEST(Arithmetic, has_the_same_digits_each_time_and_on_any_number_of_threads) {
  const int before = at::get_num_threads();
  const std::string digits = arithmetic();
  EXPECT_EQ(digits.size(), 16u);
  EXPECT_EQ(digits.find_first_not_of("0123456789abcdef"), std::string::npos) << digits;
  for (const int threads : {1, 3}) {
    at::set_num_threads(threads);
    EXPECT_EQ(arithmetic(), digits) << threads << " threads";
    EXPECT_EQ(at::get_num_threads(), threads) << "the setting was changed";
  }
  at::set_num_threads(before);
}

}  // namespace
}  // namespace crosstalk::tensor
