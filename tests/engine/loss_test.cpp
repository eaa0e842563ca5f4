#include "learn/loss.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "base/error.hpp"
#include "learn/constant.hpp"
#include "small_data.hpp"

namespace crosstalk::learn {
namespace {

struct Oracle {
  double value;
  at::Tensor cotangent;
};

/// `scalar` of `output` by PyTorch, with its gradient at the outputs.
template <class Scalar>
Oracle autograd(const at::Tensor& output, Scalar scalar) {
  const at::Tensor leaf = output.detach().clone().set_requires_grad(true);
  const at::Tensor value = scalar(leaf);
  return {value.item<double>(), torch::autograd::grad({value}, {leaf})[0]};
}

void expect_close(const at::Tensor& ours, const at::Tensor& theirs) {
  ASSERT_EQ(ours.sizes(), theirs.sizes());
  const double scale = std::max(1e-300, theirs.abs().max().item<double>());
  EXPECT_LE((ours - theirs).abs().max().item<double>() / scale, 1e-10);
}

void expect_close(double ours, double theirs) {
  EXPECT_NEAR(ours, theirs, 1e-10 * std::max(1.0, std::abs(theirs)));
}

using Size = std::pair<std::int64_t, std::int64_t>;  // n, p

class Losses : public ::testing::TestWithParam<std::tuple<Size, nn::Path>> {
 protected:
  std::int64_t n = std::get<Size>(GetParam()).first, p = std::get<Size>(GetParam()).second;
  nn::Path path = std::get<nn::Path>(GetParam());
  tensor::Stream stream{3, "losses"};
  at::Tensor output = drawn({n, p}, stream).to(at::kDouble).mul_(3);
  at::Tensor labels = drawn_below({n}, static_cast<std::uint64_t>(p), at::kLong, stream);
  at::Tensor numbers = drawn({n, p}, stream).to(at::kDouble);
  at::Tensor cotangent;
};

TEST_P(Losses, cross_entropy_and_its_gradient_are_what_autograd_gives) {
  for (const Reduction reduction : {Reduction::mean, Reduction::sum}) {
    const double value = cross_entropy(reduction, path)->of_batch(output, labels, cotangent);
    const Oracle oracle = autograd(output, [&](const at::Tensor& f) {
      return at::cross_entropy_loss(f, labels, {},
                                    reduction == Reduction::mean ? at::Reduction::Mean : at::Reduction::Sum);
    });
    expect_close(value, oracle.value);
    expect_close(cotangent, oracle.cotangent);
  }
  const Oracle own = autograd(
      output, [&](const at::Tensor& f) { return at::cross_entropy_loss(f, labels, {}, at::Reduction::Sum); });
  expect_close(cross_entropy(Reduction::mean, path)->sample_cotangents(output, labels), own.cotangent);
}

TEST_P(Losses, squared_error_and_its_gradient_are_what_autograd_gives) {
  const std::vector<double> variance(static_cast<std::size_t>(p), 1.0);
  for (const Reduction reduction : {Reduction::mean, Reduction::sum}) {
    const double value =
        squared_error(reduction, Targets::separate, variance, path)->of_batch(output, numbers, cotangent);
    const Oracle oracle = autograd(output, [&](const at::Tensor& f) {
      const at::Tensor each = (f - numbers).square().mean(1);
      return reduction == Reduction::mean ? each.mean() : each.sum();
    });
    expect_close(value, oracle.value);
    expect_close(cotangent, oracle.cotangent);
  }
  const Oracle own =
      autograd(output, [&](const at::Tensor& f) { return (f - numbers).square().mean(1).sum(); });
  expect_close(
      squared_error(Reduction::mean, Targets::separate, variance, path)->sample_cotangents(output, numbers),
      own.cotangent);
}

TEST_P(Losses, broadcast_targets_meet_every_prediction) {
  const at::Tensor one = output.narrow(1, 0, 1).contiguous(), answers = numbers.narrow(1, 0, 1).contiguous();
  const auto all_pairs = [&](const at::Tensor& f) {
    return (f - answers.squeeze(1)).square().mean();
  };  // (n, 1) - (n)
  const auto loss = squared_error(Reduction::mean, Targets::broadcast, {2.0}, path);
  const double value = loss->of_batch(one, answers, cotangent);
  const Oracle oracle = autograd(one, all_pairs);
  expect_close(value, oracle.value);
  expect_close(cotangent, oracle.cotangent);
  expect_close(
      squared_error(Reduction::sum, Targets::broadcast, {2.0}, path)->of_batch(one, answers, cotangent),
      oracle.value * static_cast<double>(n));
  expect_close(cotangent, oracle.cotangent * n);

  Tally tally;  // in two blocks: the pairs go across them
  loss->add(one.narrow(0, 0, n / 2), answers.narrow(0, 0, n / 2), tally);
  loss->add(one.narrow(0, n / 2, n - n / 2), answers.narrow(0, n / 2, n - n / 2), tally);
  expect_close(*loss->errors(tally).squared_error, oracle.value);
  expect_close(*loss->errors(tally).squared_error_normalised, oracle.value / 2);
  expect_close(loss->errors(tally).loss, oracle.value);
}

TEST_P(Losses, tallies_give_the_errors_of_all_rows) {
  Tally classes, squares;
  const auto entropy = cross_entropy(Reduction::sum);
  entropy->add(output, labels, classes);
  expect_close(entropy->errors(classes).loss, at::cross_entropy_loss(output, labels).item<double>());
  expect_close(*entropy->errors(classes).accuracy,
               output.argmax(1).eq(labels).to(at::kDouble).mean().item<double>());

  std::vector<double> variance(static_cast<std::size_t>(p), 2.0);
  variance[0] = 0;  // does not vary: left out of the normalised error
  const auto squared = squared_error(Reduction::sum, Targets::separate, variance);
  squared->add(output, numbers, squares);
  const at::Tensor each = (output - numbers).square().mean(0);
  expect_close(*squared->errors(squares).squared_error, each.mean().item<double>());
  if (p > 1) {
    expect_close(*squared->errors(squares).squared_error_normalised,
                 each.narrow(0, 1, p - 1).mean().item<double>() / 2);
  } else {
    EXPECT_FALSE(squared->errors(squares).squared_error_normalised);
  }
}

TEST(Constant, is_the_mean_of_the_training_targets_and_its_errors_are_the_losss) {
  tensor::Stream stream(3, "constant");
  const at::Tensor training = drawn({700, 3}, stream) * 5 + 2, test = drawn({60, 3}, stream) - 1;
  const auto loss = squared_error(Reduction::sum, Targets::separate, {2.0, 0.5, 0.0});
  for (const at::Tensor& targets : {training, test}) {
    const auto found = constant_errors(*loss, training, targets, 3);
    const at::Tensor each = (targets.to(at::kDouble) - training.to(at::kDouble).mean(0)).square().mean(0);
    EXPECT_NEAR(*found.squared_error, each.mean().item<double>(), 1e-10);
    EXPECT_NEAR(*found.squared_error_normalised,
                (each[0].item<double>() / 2 + each[1].item<double>() / 0.5) / 2, 1e-10);
    EXPECT_FALSE(found.accuracy);
  }
}

TEST(Constant, of_broadcast_targets_meets_all_of_them) {
  tensor::Stream stream(4, "constant");
  const at::Tensor training = drawn({700, 1}, stream), test = drawn({60, 1}, stream) - 1;
  const auto loss = squared_error(Reduction::mean, Targets::broadcast, {2.0});
  const double error =
      (test.to(at::kDouble) - training.to(at::kDouble).mean()).square().mean().item<double>();
  const auto found = constant_errors(*loss, training, test, 1);
  // A constant meets each target in equal numbers, whether in pairs or one to one.
  EXPECT_NEAR(*found.squared_error, error, 1e-12);
  EXPECT_NEAR(*found.squared_error_normalised, error / 2, 1e-12);
}

TEST(Constant, names_the_first_of_the_most_frequent_training_classes) {
  const auto loss = cross_entropy(Reduction::mean);
  const at::Tensor training = at::tensor({3, 1, 1, 2, 3, 0}, at::kLong);
  EXPECT_EQ(*constant_errors(*loss, training, training, 5).accuracy, 2.0 / 6);
  EXPECT_EQ(*constant_errors(*loss, training, at::tensor({1, 3, 3, 3}, at::kLong), 5).accuracy, 0.25);
  EXPECT_EQ(*constant_errors(*loss, training, at::tensor({4, 3}, at::kLong), 5).accuracy, 0);
  EXPECT_FALSE(constant_errors(*loss, training, training, 5).squared_error);
}

std::string case_name(const testing::TestParamInfo<std::tuple<Size, nn::Path>>& info) {
  const auto& [size, path] = info.param;
  return std::to_string(size.first) + "_by_" + std::to_string(size.second) +
         (path == nn::Path::fastest ? "_fastest" : "_portable");
}

INSTANTIATE_TEST_SUITE_P(Shapes, Losses,
                         ::testing::Combine(::testing::Values(Size{32, 10}, Size{1, 1}, Size{5, 1},
                                                              Size{33, 7}, Size{1, 3}),
                                            ::testing::Values(nn::Path::fastest, nn::Path::portable)),
                         case_name);

TEST(CrossEntropy, of_large_outputs_is_finite_and_right) {
  const at::Tensor output = at::tensor({1000.0, -1000.0, 0.0}).view({1, 3}),
                   label = at::tensor({1}, at::kLong);
  for (const nn::Path path : {nn::Path::fastest, nn::Path::portable}) {
    at::Tensor cotangent;
    EXPECT_DOUBLE_EQ(cross_entropy(Reduction::mean, path)->of_batch(output, label, cotangent), 2000);
    EXPECT_DOUBLE_EQ(cotangent[0][0].item<double>(), 1);
    EXPECT_DOUBLE_EQ(cotangent[0][1].item<double>(), -1);
  }
}

TEST(SquaredError, refuses_broadcast_targets_for_several_outputs) {
  EXPECT_THROW(squared_error(Reduction::mean, Targets::broadcast, {1, 1}), Error);
}

}  // namespace
}  // namespace crosstalk::learn
