// What is lost by outputs, of rows with labels and of agents, against PyTorch's autograd.
#include "learn/loss.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "base/error.hpp"
#include "learn/constant.hpp"
#include "learn/policy_gradient.hpp"
#include "learn/td.hpp"
#include "oracle.hpp"
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

const Heads heads = {10, 4};  // of an agent: a class and a move

at::Tensor doubles(at::IntArrayRef shape, tensor::Stream& stream) {
  return drawn(shape, stream).to(at::kDouble);
}

/// (N, 2) actions of both heads.
at::Tensor some_actions(std::int64_t n, tensor::Stream& stream) {
  return at::cat({drawn_below({n, 1}, 10, at::kLong, stream), drawn_below({n, 1}, 4, at::kLong, stream)}, 1);
}

TEST(TdErrors, have_the_losses_and_gradients_of_autograd_for_both_heads) {
  tensor::Stream stream(1, "td");
  const at::Tensor output = doubles({40, 14}, stream), targets = doubles({40, 2}, stream);
  const at::Tensor actions = some_actions(40, stream);
  using Formula = at::Tensor (*)(const at::Tensor&);
  for (const auto& [kind, formula] :
       {std::pair<ErrorLoss, Formula>{ErrorLoss::smooth_l1,
                                      [](const at::Tensor& d) { return at::minimum(d.square(), d.abs()); }},
        {ErrorLoss::square, [](const at::Tensor& d) { return d.square(); }},
        {ErrorLoss::huber, [](const at::Tensor& d) {
           return at::huber_loss(d, at::zeros_like(d), at::Reduction::None, 1.0);
         }}}) {
    Pull ours;
    Td(Td::Settings{.values = {heads}, .gamma = 0.9, .loss = kind})
        .pull(output, {.targets = targets, .chosen = actions}, Over::samples, {}, ours);
    const at::Tensor leaf = output.clone().set_requires_grad(true);
    const at::Tensor first =
        leaf.slice(1, 0, 10).gather(1, actions.slice(1, 0, 1)).squeeze(1) - targets.select(1, 0);
    const at::Tensor second =
        leaf.slice(1, 10, 14).gather(1, actions.slice(1, 1, 2)).squeeze(1) - targets.select(1, 1);
    const at::Tensor losses = formula(first) + formula(second);
    EXPECT_LT(oracle::difference(ours.losses, losses), 1e-10);
    EXPECT_LT(oracle::difference(ours.errors, at::stack({first, second}, 1)), 1e-10);
    EXPECT_LT(oracle::difference(ours.cotangent, torch::autograd::grad({losses.sum()}, {leaf})[0]), 1e-10);
    EXPECT_GT((first.abs() > 1).sum().item<std::int64_t>(), 5);  // both branches are there
    EXPECT_GT((first.abs() < 1).sum().item<std::int64_t>(), 5);
  }
}

TEST(Targets, bootstrap_from_each_head_by_the_selectors_argmax_and_not_from_terminal_steps) {
  tensor::Stream stream(2, "targets");
  const at::Tensor online = doubles({30, 14}, stream), target = doubles({30, 14}, stream);
  const at::Tensor rewards = doubles({30, 1}, stream);
  const at::Tensor going = drawn_below({30, 1}, 2, at::kLong, stream).to(at::kDouble);
  const at::Tensor of_double = td_targets({rewards, going, 0.9}, best_values(online, target, heads));
  const at::Tensor of_max = td_targets({rewards, going, 0.9}, best_values(target, target, heads));
  for (std::int64_t n = 0; n < 30; ++n) {
    for (std::int64_t h = 0; h < 2; ++h) {
      const std::int64_t first = h == 0 ? 0 : 10, size = h == 0 ? 10 : 4;
      std::int64_t best = 0;
      double most = -INFINITY;
      for (std::int64_t k = 0; k < size; ++k) {
        most = std::max(most, target[n][first + k].item<double>());
        if (online[n][first + k].item<double>() > online[n][first + best].item<double>()) best = k;
      }
      const double reward = rewards[n][0].item<double>(), on = going[n][0].item<double>();
      EXPECT_NEAR(of_double[n][h].item<double>(), reward + 0.9 * on * target[n][first + best].item<double>(),
                  1e-12);
      EXPECT_NEAR(of_max[n][h].item<double>(), reward + 0.9 * on * most, 1e-12);
    }
  }
}

TEST(PolicyGradients, have_the_losses_and_gradients_of_autograd_with_entropy_and_clamping) {
  tensor::Stream stream(3, "policy");
  const at::Tensor output = doubles({40, 14}, stream) * 6;  // some probabilities fall below the clamp
  const at::Tensor returns = doubles({40}, stream), actions = some_actions(40, stream);
  for (const double entropy : {0.0, 0.3}) {
    const SampleLoss ours = policy_gradient(output, heads, actions, returns, entropy);
    const at::Tensor leaf = output.clone().set_requires_grad(true);
    at::Tensor losses = at::zeros({40}, at::kDouble);
    std::int64_t clamped = 0, first = 0;
    for (std::int64_t h = 0; h < 2; ++h) {
      const auto size = heads[static_cast<std::size_t>(h)];
      const at::Tensor p = at::softmax(leaf.slice(1, first, first + size), 1).clamp_min(1e-5);
      clamped += (p <= 1e-5).sum().item<std::int64_t>();
      losses = losses - returns * p.gather(1, actions.slice(1, h, h + 1)).squeeze(1).log() +
               entropy * (p * p.log()).sum(1);
      first += size;
    }
    EXPECT_GT(clamped, 10);
    EXPECT_LT(oracle::difference(ours.losses, losses), 1e-10);
    EXPECT_LT(oracle::difference(ours.cotangents, torch::autograd::grad({losses.sum()}, {leaf})[0]), 1e-10);
  }
}

TEST(Returns, are_the_rewards_to_go_or_those_of_the_whole_episode) {
  const std::vector<double> rewards = {-0.05, -0.05, 1};
  const std::vector<double> to_go = returns(rewards, Return::to_go),
                            whole = returns(rewards, Return::episode);
  for (std::size_t t = 0; t < 3; ++t) {
    double sum = 0;
    for (std::size_t k = t; k < 3; ++k) sum += rewards[k];
    EXPECT_NEAR(to_go[t], sum, 1e-15);
    EXPECT_NEAR(whole[t], 0.9, 1e-15);
  }
}

}  // namespace
}  // namespace crosstalk::learn
