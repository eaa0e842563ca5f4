#include "learn/optimizer.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/optim/adam.h>
#include <torch/optim/rmsprop.h>
#include <torch/optim/sgd.h>

#include <cmath>
#include <functional>

#include "base/error.hpp"

namespace crosstalk::learn {
namespace {

struct Case {
  std::string name;
  OptimizerSettings settings;
  nn::Path path;
};

std::vector<Case> cases() {
  using K = OptimizerKind;
  std::vector<Case> all;
  const auto add = [&](const std::string& name, const OptimizerSettings& settings) {
    all.push_back({name, settings, nn::Path::fastest});
    all.push_back({name + "_portable", settings, nn::Path::portable});
  };
  for (const double decay : {0.0, 1e-4, 0.1}) {
    const std::string suffix = decay == 0 ? "" : decay == 0.1 ? "_heavy_decay" : "_decay";
    add("sgd" + suffix, {K::sgd, 0.05, 0.99, decay, 0.9, 0.999, 0.99, 1e-8});
    add("momentum" + suffix, {K::momentum, 0.01, 0.99, decay, 0.9, 0.999, 0.99, 1e-8});
    add("rmsprop" + suffix, {K::rmsprop, 1e-3, 0.99, decay, 0.9, 0.999, 0.99, 1e-8});
    add("adam" + suffix, {K::adam, 1e-3, 0.99, decay, 0.9, 0.999, 0.99, 1e-8});
  }
  add("adam_of_the_agents", {K::adam, 1e-4, 0, 0, 0.8, 0.99, 0, 1e-2});
  return all;
}

std::unique_ptr<torch::optim::Optimizer> theirs(const OptimizerSettings& s, const at::Tensor& theta) {
  const std::vector<at::Tensor> parameters = {theta};
  switch (s.kind) {
    case OptimizerKind::sgd:
      return std::make_unique<torch::optim::SGD>(
          parameters, torch::optim::SGDOptions(s.rate).weight_decay(s.weight_decay));
    case OptimizerKind::momentum:
      return std::make_unique<torch::optim::SGD>(
          parameters, torch::optim::SGDOptions(s.rate).momentum(s.momentum).weight_decay(s.weight_decay));
    case OptimizerKind::rmsprop:
      return std::make_unique<torch::optim::RMSprop>(
          parameters,
          torch::optim::RMSpropOptions(s.rate).alpha(s.alpha).eps(s.epsilon).weight_decay(s.weight_decay));
    case OptimizerKind::adam:
      return std::make_unique<torch::optim::Adam>(parameters, torch::optim::AdamOptions(s.rate)
                                                                  .betas({s.beta1, s.beta2})
                                                                  .eps(s.epsilon)
                                                                  .weight_decay(s.weight_decay));
  }
  return nullptr;
}

/// A valley with noise: the gradient depends on theta, so that a mistake grows.
at::Tensor gradient_at(const at::Tensor& theta, const at::Tensor& noise) {
  return at::sin(theta) + 0.3 * theta + noise;
}

/// The slow twin: one number at a time, as the formulas stand in the papers.
struct Textbook {
  OptimizerSettings s;
  double first = 0, second = 0;
  int steps = 0;
  double step(double theta, double gradient) {
    const double g = gradient + s.weight_decay * theta;
    ++steps;
    switch (s.kind) {
      case OptimizerKind::sgd:
        return theta - s.rate * g;
      case OptimizerKind::momentum:
        first = s.momentum * first + g;
        return theta - s.rate * first;
      case OptimizerKind::rmsprop:
        second = s.alpha * second + (1 - s.alpha) * g * g;
        return theta - s.rate * g / (std::sqrt(second) + s.epsilon);
      case OptimizerKind::adam:
        first = s.beta1 * first + (1 - s.beta1) * g;
        second = s.beta2 * second + (1 - s.beta2) * g * g;
        return theta - s.rate * (first / (1 - std::pow(s.beta1, steps))) /
                           (std::sqrt(second / (1 - std::pow(s.beta2, steps))) + s.epsilon);
    }
    return theta;
  }
};

class EveryOptimizer : public testing::TestWithParam<Case> {};

TEST_P(EveryOptimizer, goes_1000_steps_with_torch_optim) {
  at::manual_seed(3);
  const std::int64_t size = 101;
  const at::Tensor theta = at::randn({size}, at::kDouble), other = theta.clone().requires_grad_(true);
  const auto optimizer = make_optimizer(GetParam().settings, theta, GetParam().path);
  const auto reference = theirs(GetParam().settings, other);
  for (int step = 0; step < 1000; ++step) {
    const at::Tensor noise = at::randn({size}, at::kDouble);
    optimizer->step(theta, gradient_at(theta, noise));
    other.mutable_grad() = gradient_at(other.detach(), noise);
    reference->step();
  }
  const double largest = other.detach().abs().max().item<double>();
  EXPECT_LE((theta - other.detach()).abs().max().item<double>(), 1e-9 * largest);
  EXPECT_TRUE(std::isfinite(largest));
}

TEST_P(EveryOptimizer, goes_1000_steps_with_the_textbook) {
  const std::int64_t size = 17;
  const at::Tensor theta = at::linspace(-2, 3, size, at::kDouble),
                   noise = at::linspace(1, -1, size, at::kDouble);
  std::vector<Textbook> twins(size, Textbook{GetParam().settings});
  std::vector<double> values(theta.data_ptr<double>(), theta.data_ptr<double>() + size);
  const auto optimizer = make_optimizer(GetParam().settings, theta, GetParam().path);
  for (int step = 0; step < 1000; ++step) {
    const double wave = std::sin(0.1 * step);
    optimizer->step(theta, gradient_at(theta, wave * noise));
    for (std::int64_t i = 0; i < size; ++i) {
      const double gradient = std::sin(values[i]) + 0.3 * values[i] + wave * noise[i].item<double>();
      values[i] = twins[i].step(values[i], gradient);
    }
  }
  const double largest = theta.abs().max().item<double>();
  for (std::int64_t i = 0; i < size; ++i) EXPECT_NEAR(theta[i].item<double>(), values[i], 1e-9 * largest);
}

TEST_P(EveryOptimizer, clips_only_gradients_that_are_longer_and_these_to_the_norm_that_is_said) {
  OptimizerSettings clipping = GetParam().settings;
  clipping.clip = 2;
  const at::Tensor theta = at::linspace(-2, 3, 9, at::kDouble), other = theta.clone();
  const auto optimizer = make_optimizer(clipping, theta, GetParam().path),
             plain = make_optimizer(GetParam().settings, other, GetParam().path);
  for (const double length : {0.5, 1.9, 2.1, 70.0, 1.0}) {
    const at::Tensor along = at::linspace(1, -3, 9, at::kDouble);
    const at::Tensor gradient = along * (length / std::sqrt(along.square().sum().item<double>()));
    optimizer->step(theta, gradient);
    plain->step(other, length < 2 ? gradient : gradient * (2 / (length + 1e-6)));
    EXPECT_LE((theta - other).abs().max().item<double>(), 1e-12) << length;
  }
}

TEST_P(EveryOptimizer, steps_in_single_precision_as_in_double) {
  at::manual_seed(4);
  const at::Tensor theta64 = at::randn({97}, at::kDouble), theta32 = theta64.to(at::kFloat);
  const auto in_double = make_optimizer(GetParam().settings, theta64, GetParam().path);
  const auto in_single = make_optimizer(GetParam().settings, theta32, GetParam().path);
  for (int step = 0; step < 50; ++step) {
    const at::Tensor noise = at::randn({97}, at::kDouble);
    const at::Tensor gradient = gradient_at(theta64, noise);
    in_double->step(theta64, gradient);
    in_single->step(theta32, gradient.to(at::kFloat));
  }
  EXPECT_LE((theta64 - theta32).abs().max().item<double>(), 1e-4 * theta64.abs().max().item<double>());
}

TEST_P(EveryOptimizer, goes_on_from_its_saved_state_to_the_same_bits) {
  const at::Tensor theta = at::linspace(-2, 2, 33, at::kFloat);
  const auto optimizer = make_optimizer(GetParam().settings, theta, GetParam().path);
  const at::Tensor noise = at::zeros({33});
  for (int step = 0; step < 20; ++step) {
    const at::Tensor resumed_theta = theta.clone();
    const auto resumed = make_optimizer(GetParam().settings, theta, GetParam().path);
    Optimizer::State copy;
    for (const auto& [name, tensor] : optimizer->save()) copy.emplace(name, tensor.clone());
    resumed->load(copy);
    resumed->step(resumed_theta, gradient_at(theta, noise));
    optimizer->step(theta, gradient_at(theta, noise));
    ASSERT_TRUE(theta.equal(resumed_theta)) << "stopped before step " << step;
  }
}

TEST_P(EveryOptimizer, refuses_another_optimisers_state) {
  const at::Tensor theta = at::zeros({5});
  const auto optimizer = make_optimizer(GetParam().settings, theta, GetParam().path);
  EXPECT_THROW(optimizer->load({}), Error);
  Optimizer::State state = optimizer->save();
  if (state.size() == 1) return;  // SGD has no vector
  for (auto& [name, tensor] : state) {
    if (name != "steps") tensor = at::zeros({6});
  }
  EXPECT_THROW(optimizer->load(state), Error);
}

INSTANTIATE_TEST_SUITE_P(, EveryOptimizer, testing::ValuesIn(cases()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace crosstalk::learn
