// The scalars of an output whose gradients are measured: their cotangents beside differences.
#include "measure/scalar.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "small_data.hpp"

namespace crosstalk::measure {
namespace {

TEST(Prediction, has_the_cotangents_that_differences_give) {
  tensor::Stream stream(1, "prediction");
  const at::Tensor output = drawn({4, 5}, stream).to(at::kDouble);
  // Two heads, of three outputs and of two: what was taken of each.
  const at::Tensor classes = at::tensor({2, 0, 1, 0}, at::kLong).view({4, 1});
  const at::Tensor moves = at::tensor({3, 4, 4, 3}, at::kLong).view({4, 1});
  const at::Tensor taken = at::zeros({4, 5}).scatter_(1, classes, 1.0).scatter_(1, moves, 1.0);
  const auto value = [&](Function function, const at::Tensor& f) -> at::Tensor {
    if (function == Function::mean) return f.mean(1);
    if (function == Function::max) return std::get<0>(f.max(1));
    if (function == Function::taken) return f.gather(1, classes).add(f.gather(1, moves)).squeeze(1);
    return std::get<0>(at::softmax(f, 1).max(1));
  };
  for (const Function function : {Function::max, Function::mean, Function::confidence, Function::taken}) {
    const at::Tensor exact = cotangent(function, output, taken);
    for (std::int64_t k = 0; k < 5; ++k) {
      at::Tensor step = at::zeros_like(output);
      step.select(1, k).fill_(1e-6);
      const at::Tensor slope = (value(function, output + step) - value(function, output - step)) / 2e-6;
      EXPECT_LT((slope - exact.select(1, k)).abs().max().item<double>(), 1e-9);
    }
  }
}

}  // namespace
}  // namespace crosstalk::measure
