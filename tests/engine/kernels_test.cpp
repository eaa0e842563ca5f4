#include "tensor/kernels.hpp"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <limits>
#include <vector>

#include "tensor/kernels_reference.hpp"
#include "tensor/random.hpp"

namespace crosstalk::tensor {
namespace {

template <typename T>
class Kernels : public testing::Test {
 protected:
  std::vector<T> draw(std::int64_t size) {
    std::vector<T> values(static_cast<std::size_t>(size));
    for (T& value : values) value = static_cast<T>(stream_.normal());
    return values;
  }
  /// Largest difference relative to the twin's largest entry.
  static void expect_same(const std::vector<T>& ours, const std::vector<T>& twin) {
    double largest = 0, difference = 0;
    for (std::size_t i = 0; i < twin.size(); ++i) {
      largest = std::max<double>(largest, std::abs(twin[i]));
      difference = std::max<double>(difference, std::abs(double(ours[i]) - double(twin[i])));
    }
    EXPECT_LE(difference, (sizeof(T) == 8 ? 1e-13 : 2e-6) * std::max(largest, 1e-30));
  }

 private:
  Stream stream_{11, "kernels"};
};

using Types = testing::Types<float, double>;
TYPED_TEST_SUITE(Kernels, Types);

struct Size {
  std::int64_t m, n, k;
};

TYPED_TEST(Kernels, multiply_as_the_three_loops_do_in_all_four_orders) {
  using T = TypeParam;
  // With alpha 1 and beta 0 or 1 a product of up to (128, 64, 128) is one block, a larger one not.
  for (const Size size : {Size{1, 1, 1},
                          {32, 64, 21},
                          {64, 21, 32},
                          {7, 64, 32},
                          {33, 5, 17},
                          {1, 9, 100},
                          {128, 64, 128},
                          {129, 64, 128},
                          {128, 65, 128},
                          {128, 64, 129}})
    for (const bool ta : {false, true})
      for (const bool tb : {false, true})
        for (const T alpha : {T{1}, T(1.5)})
          for (const T beta : {T{0}, T{1}, T(0.5)}) {
            // Rows stored with gaps: the steps between rows are larger than the rows.
            const std::int64_t lda = (ta ? size.m : size.k) + 3, ldb = (tb ? size.k : size.n) + 1,
                               ldc = size.n + 2;
            const auto a = this->draw((ta ? size.k : size.m) * lda),
                       b = this->draw((tb ? size.n : size.k) * ldb);
            std::vector<T> ours = this->draw(size.m * ldc), twin = ours;
            gemm<T>(ta, tb, size.m, size.n, size.k, alpha, a.data(), lda, b.data(), ldb, beta, ours.data(),
                    ldc);
            reference::gemm<T>(ta, tb, size.m, size.n, size.k, alpha, a.data(), lda, b.data(), ldb, beta,
                               twin.data(), ldc);
            this->expect_same(ours, twin);
          }
}

TYPED_TEST(Kernels, with_beta_zero_do_not_read_what_stood_there) {
  using T = TypeParam;
  const auto a = this->draw(6), b = this->draw(6);
  std::vector<T> out(4, std::numeric_limits<T>::quiet_NaN());
  gemm<T>(false, false, 2, 2, 3, 1, a.data(), 3, b.data(), 2, 0, out.data(), 2);
  for (const T value : out) EXPECT_TRUE(std::isfinite(value));
}

TYPED_TEST(Kernels, sum_columns_and_repeat_rows) {
  using T = TypeParam;
  for (const std::int64_t rows : {1, 3, 4, 31, 32}) {
    for (const std::int64_t columns : {1, 7, 64}) {
      const auto x = this->draw(rows * columns);
      std::vector<T> ours(columns), twin(columns), repeated(rows * columns);
      column_sums(x.data(), ours.data(), rows, columns);
      reference::column_sums(x.data(), twin.data(), rows, columns);
      this->expect_same(ours, twin);
      repeat_row(x.data(), repeated.data(), rows, columns);
      for (std::int64_t i = 0; i < rows * columns; ++i) EXPECT_EQ(repeated[i], x[i % columns]);
    }
  }
}

TYPED_TEST(Kernels, rectify_as_their_definitions_say_also_at_zero_and_at_infinity) {
  using T = TypeParam;
  auto x = this->draw(1003);
  x[0] = 0, x[1] = T(-0.0), x[2] = std::numeric_limits<T>::infinity(), x[3] = -x[2];
  const auto gradient = this->draw(1003);
  std::vector<T> ours(x.size()), twin(x.size());
  const std::int64_t size = static_cast<std::int64_t>(x.size());
  leaky_forward(x.data(), ours.data(), size, T(0.01));
  reference::leaky_forward(x.data(), twin.data(), size, T(0.01));
  EXPECT_EQ(ours, twin);
  leaky_backward(x.data(), gradient.data(), ours.data(), size, T(0.01));
  reference::leaky_backward(x.data(), gradient.data(), twin.data(), size, T(0.01));
  EXPECT_EQ(ours, twin);
  relu_forward(x.data(), ours.data(), size);
  reference::relu_forward(x.data(), twin.data(), size);
  EXPECT_EQ(ours, twin);
  relu_backward(x.data(), gradient.data(), ours.data(), size);
  reference::relu_backward(x.data(), gradient.data(), twin.data(), size);
  EXPECT_EQ(ours, twin);
}

TYPED_TEST(Kernels, let_nan_through_so_that_divergence_is_seen) {
  using T = TypeParam;
  const T nan = std::numeric_limits<T>::quiet_NaN();
  T out = 0;
  leaky_forward(&nan, &out, 1, T(0.01));
  EXPECT_TRUE(std::isnan(out));
  relu_forward(&nan, &out, 1);
  EXPECT_TRUE(std::isnan(out));
}

TYPED_TEST(Kernels, bend_back_through_tanh) {
  using T = TypeParam;
  auto y = this->draw(101);
  for (T& value : y) value = std::tanh(value);
  const auto gradient = this->draw(101);
  std::vector<T> ours(101), twin(101);
  tanh_backward(y.data(), gradient.data(), ours.data(), 101);
  reference::tanh_backward(y.data(), gradient.data(), twin.data(), 101);
  this->expect_same(ours, twin);
}

TYPED_TEST(Kernels, normalise_layers_forward_and_backward) {
  using T = TypeParam;
  for (const std::int64_t columns : {2, 7, 64, 333}) {
    const std::int64_t rows = 5;
    const T epsilon = T(1e-5);
    const auto x = this->draw(rows * columns), gradient = this->draw(rows * columns),
               gain = this->draw(columns), shift = this->draw(columns);
    const std::vector<T> ones(columns, 1), zeros(columns, 0);
    std::vector<T> ours(rows * columns), twin(rows * columns);
    layer_norm_forward(x.data(), gain.data(), shift.data(), ours.data(), rows, columns, epsilon);
    reference::layer_norm_forward(x.data(), gain.data(), shift.data(), twin.data(), rows, columns, epsilon);
    this->expect_same(ours, twin);
    normalise_rows(x.data(), ours.data(), rows, columns, epsilon);
    reference::layer_norm_forward(x.data(), ones.data(), zeros.data(), twin.data(), rows, columns, epsilon);
    this->expect_same(ours, twin);
    if (columns == 2) continue;  // the gradient is nearly 0 there, all of it cancelled
    layer_norm_backward(x.data(), gain.data(), gradient.data(), ours.data(), rows, columns, epsilon);
    reference::layer_norm_backward(x.data(), gain.data(), gradient.data(), twin.data(), rows, columns,
                                   epsilon);
    this->expect_same(ours, twin);
  }
}

TEST(Threads, are_two_chunks_where_two_are_asked_for) {
  at::set_num_threads(2);
  std::atomic<int> chunks = 0;
  at::parallel_for(0, 2, 1, [&](std::int64_t begin, std::int64_t end) {
    EXPECT_EQ(end - begin, 1);
    ++chunks;
  });
  EXPECT_EQ(chunks, 2);
  at::set_num_threads(1);
}

}  // namespace
}  // namespace crosstalk::tensor
