#include "nn/initialise.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/paper_layers.hpp"
#include "nn/build.hpp"

namespace crosstalk::nn {
namespace {

at::Tensor begin(const Network& network, Initialisation how, at::ScalarType type = at::kDouble) {
  tensor::Stream stream(1, "initialisation");
  return initial_theta(network, how, stream, type);
}

/// That a segment fills U(-bound, bound): inside, near its ends, with its mean and variance.
void expect_uniform(const Network& network, const at::Tensor& theta, std::size_t segment, double bound) {
  const at::Tensor values = network.layout().view(theta, segment);
  const double count = static_cast<double>(values.numel());
  SCOPED_TRACE(network.layout().segments()[segment].name);
  EXPECT_LE(values.abs().max().item<double>(), bound);
  if (count < 100) return;
  EXPECT_GE(values.abs().max().item<double>(), bound * (1 - 20 / count));
  EXPECT_NEAR(values.mean().item<double>(), 0, 5 * bound / std::sqrt(3 * count));
  EXPECT_NEAR(values.square().mean().item<double>(), bound * bound / 3,
              5 * bound * bound * 0.3 / std::sqrt(count));
}

void expect_zero(const Network& network, const at::Tensor& theta, std::size_t segment) {
  EXPECT_EQ(network.layout().view(theta, segment).abs().max().item<double>(), 0);
}

double glorot(double in, double out) { return std::sqrt(6 / (in + out)); }

const Network& image() {  // segments: conv 75 -> 8*25, conv, conv, linear, linear
  static const Network network = build({3, 32, 32}, 10, image_layers(8, 0, 4));
  return network;
}

TEST(Initialisation, of_the_supervised_runs_keeps_pytorchs_convolutions) {
  const at::Tensor theta = begin(image(), Initialisation::linear_glorot);
  expect_uniform(image(), theta, 0, 1 / std::sqrt(75));
  expect_uniform(image(), theta, 1, 1 / std::sqrt(75));
  expect_uniform(image(), theta, 4, 1 / std::sqrt(16 * 9));
  EXPECT_GT(image().layout().view(theta, 5).abs().max().item<double>(), 0);
  expect_uniform(image(), theta, 6, glorot(3200, 32));
  expect_zero(image(), theta, 7);
  expect_uniform(image(), theta, 8, glorot(32, 10));
  expect_zero(image(), theta, 9);
}

TEST(Initialisation, glorot_counts_channels_times_the_kernel) {
  const at::Tensor theta = begin(image(), Initialisation::glorot);
  expect_uniform(image(), theta, 0, glorot(3 * 25, 8 * 25));
  expect_zero(image(), theta, 1);
  expect_uniform(image(), theta, 2, glorot(8 * 9, 16 * 9));
  expect_uniform(image(), theta, 6, glorot(3200, 32));
  expect_zero(image(), theta, 9);
}

TEST(Initialisation, pytorch_draws_biases_too) {
  const at::Tensor theta = begin(image(), Initialisation::pytorch);
  expect_uniform(image(), theta, 0, 1 / std::sqrt(75));
  expect_uniform(image(), theta, 6, 1 / std::sqrt(3200));
  expect_uniform(image(), theta, 7, 1 / std::sqrt(3200));
  EXPECT_GT(image().layout().view(theta, 7).abs().max().item<double>(), 0);
}

TEST(Initialisation, begins_layer_norm_at_the_identity) {
  const Network network = build({21}, 7, std::vector<std::string>{"linear 9", "layernorm", "linear out"});
  for (const auto how : {Initialisation::linear_glorot, Initialisation::glorot, Initialisation::pytorch}) {
    const at::Tensor theta = begin(network, how);
    EXPECT_TRUE(network.layout().view(theta, 2).equal(at::ones({9}, at::kDouble)));
    expect_zero(network, theta, 3);
  }
}

TEST(Initialisation, begins_single_and_double_precision_at_one_place) {
  const at::Tensor theta64 = begin(image(), Initialisation::glorot),
                   theta32 = begin(image(), Initialisation::glorot, at::kFloat);
  EXPECT_TRUE(theta32.equal(theta64.to(at::kFloat)));
}

TEST(Initialisation, has_the_three_names_of_a_study_file) {
  EXPECT_EQ(words_of(initialisations), (std::vector<std::string>{"linear-glorot", "glorot", "pytorch"}));
  EXPECT_EQ(meaning(initialisations, "linear-glorot"), Initialisation::linear_glorot);
  EXPECT_EQ(meaning(initialisations, "glorot"), Initialisation::glorot);
  EXPECT_EQ(meaning(initialisations, "pytorch"), Initialisation::pytorch);
  EXPECT_FALSE(meaning(initialisations, "xavier"));
}

}  // namespace
}  // namespace crosstalk::nn
