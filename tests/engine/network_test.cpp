#include "nn/network.hpp"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/paper_layers.hpp"
#include "nn/build.hpp"
#include "nn/initialise.hpp"
#include "oracle.hpp"

namespace crosstalk {
namespace {

struct Case {
  std::string name;
  nn::Shape input;
  std::int64_t outputs;
  std::vector<std::string> layers;
  std::int64_t samples;
};

std::vector<Case> cases() {
  return {
      {"sarcos", {21}, 7, plain_layers(64, 1), 32},
      {"sarcos_shallow", {21}, 7, plain_layers(16, 0), 5},
      {"california", {8}, 1, plain_layers(32, 2), 33},
      {"svhn", {3, 32, 32}, 10, image_layers(8, 1, 4), 6},
      {"cifar10", {3, 32, 32}, 10, image_layers(16, 0, 1), 5},
      {"image_agent", {4, 32, 32}, 14, image_layers(16, 1, 4), 4},
      {"atari", {4, 84, 84}, 9, atari_layers(32), 2},
      {"one_sample", {21}, 7, plain_layers(13, 1), 1},
      {"one_class", {3, 32, 32}, 1, image_layers(3, 0, 1), 1},
      {"odd_convolutions",
       {3, 11, 13},
       5,
       {"conv 5 3x2 stride 2x3 pad 1x2", "tanh", "conv 7 2 pad 1", "relu", "layernorm", "flatten", "linear 9",
        "layernorm", "tanh", "linear out"},
       3},
      {"layer_norm_first", {11}, 3, {"layernorm", "linear 17", "relu", "linear out"}, 7},
      {"activation_first", {11}, 3, {"tanh", "linear out", "layernorm"}, 2},
      {"flatten_first", {2, 5, 3}, 3, {"flatten", "relu", "linear out"}, 4},
      {"wide",
       {300},
       7,
       {"linear 700", "leaky", "layernorm", "linear 600", "tanh", "relu", "linear out"},
       70},
  };
}

struct Setting {
  Case network;
  at::ScalarType type;
  nn::Path path;
};

bool share_memory(const at::Tensor& one, const at::Tensor& other) {
  return one.const_data_ptr() == other.const_data_ptr();
}

class EveryNetwork : public testing::TestWithParam<Setting> {};

TEST_P(EveryNetwork, gives_the_values_and_the_gradients_that_autograd_gives) {
  const auto& [scene, type, path] = GetParam();
  at::set_num_threads(1 + GetParam().network.samples % 2);  // both: one thread and two
  at::manual_seed(7);
  const nn::Network network = nn::build(scene.input, scene.outputs, scene.layers, path);
  tensor::Stream stream(3, "initialisation");
  const at::Tensor theta64 = nn::initial_theta(network, Initialisation::pytorch, stream, at::kDouble) +
                             0.05 * at::randn({network.layout().size()}, at::kDouble);
  std::vector<std::int64_t> sizes = {scene.samples};
  sizes.insert(sizes.end(), scene.input.begin(), scene.input.end());
  const at::Tensor theta = theta64.to(type);
  const at::Tensor x = at::randn(sizes, at::kDouble).to(type);
  const at::Tensor cotangent = at::randn({scene.samples, scene.outputs}, at::kDouble).to(type);

  const at::Tensor given_x = x.clone(), given_cotangent = cotangent.clone();

  const nn::Parameters parameters(network, theta);
  nn::Tape tape;
  nn::Gradients gradients;
  for (int repeat = 0; repeat < 2; ++repeat) {  // the second time into the slots of the first
    network.forward(parameters, x, tape);
    network.backward(parameters, tape, cotangent, gradients);
  }

  const at::Tensor oracle_theta = theta.to(at::kDouble).requires_grad_(true);
  const std::vector<at::Tensor> values = oracle::forward(network, oracle_theta, x.to(at::kDouble));
  const double bound = type == at::kDouble ? 1e-10 : 1e-4;
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::size_t last = i;  // what an activation has overwritten is its output
    while (last + 1 < values.size() && share_memory(tape.values[last], tape.values[last + 1])) ++last;
    EXPECT_LE(oracle::difference(tape.values[i], values[last].view(tape.values[i].sizes())), bound)
        << "value " << i;
  }
  bool below_parameters = true;
  for (std::size_t i = 0; i < network.layers().size(); ++i) {
    below_parameters = below_parameters && network.layers()[i]->parameter_count() == 0;
    if (below_parameters) {
      EXPECT_FALSE(gradients[i].defined()) << "a gradient that nothing needs, at layer " << i;
      continue;
    }
    std::size_t lowest = i;  // and what one has overwritten here, the gradient at its input
    while (lowest > 0 && gradients[lowest - 1].defined() &&
           share_memory(gradients[lowest - 1], gradients[lowest]))
      --lowest;
    const at::Tensor expected =
        torch::autograd::grad({values.back()}, {values[lowest + 1]}, {cotangent.to(at::kDouble)}, true)[0];
    EXPECT_LE(oracle::difference(gradients[i], expected.view(gradients[i].sizes())), bound)
        << "gradient at the output of layer " << i;
  }
  EXPECT_TRUE(at::equal(x, given_x) && at::equal(cotangent, given_cotangent)) << "the caller's";
}

std::vector<Setting> settings() {
  std::vector<Setting> all;
  for (const Case& scene : cases()) {
    for (const at::ScalarType type : {at::kDouble, at::kFloat}) {
      for (const nn::Path path : {nn::Path::fastest, nn::Path::portable}) all.push_back({scene, type, path});
    }
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(, EveryNetwork, testing::ValuesIn(settings()), [](const auto& info) {
  return info.param.network.name + (info.param.type == at::kDouble ? "_double" : "_single") +
         (info.param.path == nn::Path::fastest ? "_fastest" : "_portable");
});

nn::Network sarcos() { return nn::build({21}, 7, plain_layers(64, 1)); }

TEST(Network, keeps_its_slots_between_batches_of_one_size) {
  const nn::Network network = sarcos();
  const nn::Parameters parameters(network, at::randn({network.layout().size()}));
  nn::Tape tape;
  nn::Gradients gradients;
  const at::Tensor x = at::randn({32, 21}), cotangent = at::randn({32, 7});
  network.forward(parameters, x, tape);
  network.backward(parameters, tape, cotangent, gradients);
  std::vector<const void*> before;
  for (const auto& value : tape.values) before.push_back(value.const_data_ptr());
  for (const auto& gradient : gradients) before.push_back(gradient.const_data_ptr());
  network.forward(parameters, x, tape);
  network.backward(parameters, tape, cotangent, gradients);
  std::vector<const void*> after;
  for (const auto& value : tape.values) after.push_back(value.const_data_ptr());
  for (const auto& gradient : gradients) after.push_back(gradient.const_data_ptr());
  EXPECT_EQ(before, after);
}

TEST(Network, follows_when_the_batch_changes_its_size) {
  const nn::Network network = nn::build({3, 32, 32}, 10, image_layers(4, 0, 1));
  const at::Tensor theta = at::randn({network.layout().size()}, at::kDouble) * 0.1;
  const nn::Parameters parameters(network, theta);
  nn::Tape tape;
  for (const std::int64_t samples : {4, 1, 7, 4}) {
    const at::Tensor x = at::randn({samples, 3, 32, 32}, at::kDouble);
    network.forward(parameters, x, tape);
    EXPECT_LE(oracle::difference(tape.output(), oracle::forward(network, theta, x).back()), 1e-10);
  }
}

TEST(Network, takes_a_batch_that_is_not_contiguous) {
  const nn::Network network = sarcos();
  const at::Tensor theta = at::randn({network.layout().size()}, at::kDouble);
  const at::Tensor x = at::randn({21, 9}, at::kDouble).t();
  nn::Tape tape;
  network.forward(nn::Parameters(network, theta), x, tape);
  EXPECT_LE(oracle::difference(tape.output(), oracle::forward(network, theta, x).back()), 1e-10);
}

TEST(Network, sees_a_step_of_theta_in_place) {
  const nn::Network network = sarcos();
  const at::Tensor theta = at::randn({network.layout().size()}, at::kDouble);
  const nn::Parameters parameters(network, theta);
  theta.add_(0.1);
  const at::Tensor x = at::randn({9, 21}, at::kDouble);
  nn::Tape tape;
  network.forward(parameters, x, tape);
  EXPECT_LE(oracle::difference(tape.output(), oracle::forward(network, theta, x).back()), 1e-10);
}

TEST(Network, gives_the_same_bits_again) {
  const nn::Network network = sarcos();
  const nn::Parameters parameters(network, at::randn({network.layout().size()}));
  const at::Tensor x = at::randn({32, 21});
  nn::Tape first, second;
  network.forward(parameters, x, first);
  network.forward(parameters, x.clone(), second);
  EXPECT_TRUE(at::equal(first.output(), second.output()));
}

TEST(Network, gives_the_same_bits_wherever_the_batch_lies_in_memory) {
  const nn::Network network = nn::build({21}, 7, plain_layers(200, 1));
  const nn::Parameters parameters(network, at::randn({network.layout().size()}));
  const at::Tensor x = at::randn({500, 21});
  nn::Tape aligned, shifted;
  network.forward(parameters, x, aligned);
  for (const std::int64_t floats : {1, 4, 5, 8}) {
    const at::Tensor elsewhere = at::zeros({500 * 21 + 16}).narrow(0, floats, 500 * 21).view({500, 21});
    elsewhere.copy_(x);
    network.forward(parameters, elsewhere, shifted);
    EXPECT_TRUE(at::equal(aligned.output(), shifted.output())) << "shifted by " << floats << " floats";
  }
}

TEST(Network, lays_its_parameters_out_as_pytorch_does) {
  const nn::Network network = nn::build({3, 32, 32}, 10, image_layers(8, 0, 4));
  const auto& segments = network.layout().segments();
  EXPECT_EQ(segments[0].name, "0.weight");
  EXPECT_EQ(segments[0].shape, (std::vector<std::int64_t>{8, 3, 5, 5}));
  EXPECT_EQ(segments.back().name, "9.bias");
  EXPECT_EQ(segments[segments.size() - 4].shape,
            (std::vector<std::int64_t>{32, 3200}));  // 4nh x (4nh x 10 x 10)
}

TEST(Network, refuses_what_does_not_fit_and_says_what_would) {
  const nn::Network network = sarcos();
  const at::Tensor theta = at::zeros({network.layout().size()});
  nn::Tape tape;
  EXPECT_THROW(nn::Parameters(network, at::zeros({5})), Error);
  EXPECT_THROW(nn::Parameters(network, theta.to(at::kHalf)), Error);
  const nn::Parameters parameters(network, theta);
  EXPECT_THROW(network.forward(parameters, at::zeros({4, 20}), tape), Error);
  EXPECT_THROW(network.forward(parameters, at::zeros({4, 21}, at::kDouble), tape), Error);
  network.forward(parameters, at::zeros({4, 21}), tape);
  nn::Gradients gradients;
  EXPECT_THROW(network.backward(parameters, tape, at::zeros({4, 6}), gradients), Error);
  try {
    network.forward(parameters, at::zeros({4, 20}), tape);
  } catch (const Error& error) {
    EXPECT_STREQ(
        error.what(),
        "the batch has shape (4, 20) where the network takes (N, 21): the data and the network do not belong "
        "together");
  }
}

}  // namespace
}  // namespace crosstalk
