// How large a network is and what it costs, as the engine tells the desk.
#include "nn/cost.hpp"

#include <ATen/ops/im2col.h>
#include <ATen/ops/ones.h>
#include <gtest/gtest.h>

#include "base/paper_layers.hpp"
#include "nn/build.hpp"
#include "paper_parameters.hpp"

namespace crosstalk {
namespace {

nn::Network network(const nn::Shape& input, std::int64_t outputs, const std::vector<std::string>& layers) {
  return nn::build(input, outputs, layers);
}

TEST(Cost, parameters_of_the_papers_networks_are_those_of_its_formula) {
  for (const std::int64_t hidden : {2, 8, 16, 64}) {
    for (const std::int64_t depth : {0, 1, 3}) {
      for (const std::int64_t head : {1, 4}) {
        // A classifier of images, and an agent that sees a mask beside the colours and has four moves more.
        for (const auto& [channels, outputs] : {std::pair{3, 10}, std::pair{4, 14}}) {
          const Json said =
              nn::described(network({channels, 32, 32}, outputs, image_layers(hidden, depth, head)));
          EXPECT_EQ(said["parameters"], image_parameters(channels, 32, outputs, hidden, depth, head));
        }
      }
      for (const auto& [inputs, outputs] : {std::pair{21, 7}, std::pair{8, 1}}) {
        const Json said = nn::described(network({inputs}, outputs, plain_layers(hidden, depth)));
        EXPECT_EQ(said["parameters"], table_parameters(inputs, outputs, hidden, depth));
      }
    }
  }
}

/// The numbers that a convolution's products take in, laid side by side by ATen, times its channels.
std::int64_t products(const nn::Shape& input, std::int64_t channels, at::IntArrayRef kernel,
                      at::IntArrayRef stride, at::IntArrayRef padding) {
  const at::Tensor image = at::ones({1, input[0], input[1], input[2]});
  return at::im2col(image, kernel, {1, 1}, padding, stride).numel() * channels;
}

TEST(Cost, of_a_convolution_is_its_channels_times_the_numbers_that_they_take_in) {
  const nn::Shape image{3, 11, 13};
  const nn::Network one =
      network(image, 5, {"conv 6 3x2 stride 2x3 pad 1x2", "conv 7 2 pad 1", "flatten", "linear out"});
  const nn::Shape between = one.layers()[0]->output_shape(), last = one.layers()[1]->output_shape();
  EXPECT_EQ(one.layers()[0]->multiply_adds(), products(image, 6, {3, 2}, {2, 3}, {1, 2}));
  EXPECT_EQ(one.layers()[1]->multiply_adds(), products(between, 7, {2, 2}, {1, 1}, {1, 1}));
  EXPECT_EQ(one.layers()[2]->multiply_adds(), 0);
  EXPECT_EQ(one.layers()[3]->multiply_adds(), last[0] * last[1] * last[2] * 5);
}

TEST(Cost, of_a_network_is_that_of_its_layers) {
  const nn::Network one = network({8}, 2, {"linear 16", "tanh", "layernorm", "linear out"});
  // 8 x 16 products, 16 functions, three sums over 16 numbers, 16 x 2 products
  EXPECT_EQ(nn::multiply_adds(one), 128 + 16 + 48 + 32);
  EXPECT_EQ(nn::described(one)["multiply_adds"], nn::multiply_adds(one));
}

}  // namespace
}  // namespace crosstalk
