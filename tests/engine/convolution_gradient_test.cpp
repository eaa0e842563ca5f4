// The summed weight gradient of a convolution that we form ourselves, against libtorch's.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include "random_trace.hpp"
#include "trace/convolution.hpp"

namespace crosstalk::trace {
namespace {

/// Channels, image, outputs, kernel, stride, padding, dilation: round ones and odd ones, kernel rows shorter
/// and longer than a panel.
std::vector<Conv> shapes() {
  return {{.channels = 4,
           .height = 12,
           .width = 12,
           .outputs = 70,
           .kernel_h = 4,
           .kernel_w = 4,
           .stride = {4, 4}},
          {.channels = 4,
           .height = 84,
           .width = 84,
           .outputs = 32,
           .kernel_h = 8,
           .kernel_w = 8,
           .stride = {4, 4},
           .padding = {4, 4}},
          {.channels = 4,
           .height = 84,
           .width = 84,
           .outputs = 32,
           .kernel_h = 5,
           .kernel_w = 5,
           .stride = {5, 5}},
          {.channels = 2,
           .height = 13,
           .width = 11,
           .outputs = 7,
           .kernel_h = 3,
           .kernel_w = 4,
           .stride = {2, 3},
           .padding = {1, 2}},
          {.channels = 6,
           .height = 17,
           .width = 19,
           .outputs = 1,
           .kernel_h = 4,
           .kernel_w = 9,
           .stride = {3, 3},
           .dilation = {2, 1},
           .bias = false},
          {.channels = 5,
           .height = 9,
           .width = 9,
           .outputs = 3,
           .kernel_h = 2,
           .kernel_w = 2,
           .stride = {1, 2},
           .dilation = {1, 3}}};
}

struct Summed {
  at::Tensor weight, bias;
};

Summed ours(const LayerTrace& layer, const tensor::Layout& layout) {
  const auto& use = std::get<nn::ConvolutionUse>(layer.use);
  Summed sums{at::full(layout.segments()[use.weight].shape, 7, layer.inputs.options()),
              at::full({use.bias ? layer.output_gradients.size(1) : 0}, 7, layer.inputs.options())};
  convolution_gradient(layer, layout, sums.weight, use.bias ? std::optional(sums.bias) : std::nullopt);
  return sums;
}

Summed libtorchs(const LayerTrace& layer, const tensor::Layout& layout) {
  const auto& use = std::get<nn::ConvolutionUse>(layer.use);
  const at::Tensor weight = at::zeros(layout.segments()[use.weight].shape, layer.inputs.options());
  auto [_, of_weight, of_bias] = at::convolution_backward(
      layer.output_gradients, layer.inputs, weight, at::IntArrayRef{weight.size(0)}, use.stride, use.padding,
      use.dilation, false, at::IntArrayRef{0, 0}, use.groups, {false, true, use.bias.has_value()});
  return {of_weight, use.bias ? of_bias : at::empty({0}, weight.options())};
}

double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  return a.numel() == 0 ? 0 : ((a - b).abs().max() / b.abs().max()).item<double>();
}

TEST(ConvolutionGradient, is_libtorchs_in_both_precisions_whatever_the_shape) {
  at::manual_seed(3);
  for (const Conv& shape : shapes())
    for (const std::int64_t samples : {1, 6}) {
      const Trace trace = random_trace(samples, {convolution("convolution", shape)});
      LayerTrace layer = trace.layers.front();
      const Summed expected = libtorchs(layer, trace.layout), found = ours(layer, trace.layout);
      EXPECT_LT(largest_difference(found.weight, expected.weight), 1e-13) << shape.channels;
      EXPECT_LT(largest_difference(found.bias, expected.bias), 1e-13) << shape.channels;
      layer.inputs = layer.inputs.to(at::kFloat),
      layer.output_gradients = layer.output_gradients.to(at::kFloat);
      const Summed single = ours(layer, trace.layout);
      EXPECT_EQ(single.weight.scalar_type(), at::kFloat);
      // Sums of up to 6 x 484 products: far below the 1e-3 that a wrong number would make.
      EXPECT_LT(largest_difference(single.weight, expected.weight), 1e-5) << shape.channels;
      EXPECT_LT(largest_difference(single.bias, expected.bias), 1e-5) << shape.channels;
    }
}

TEST(ConvolutionGradient, has_the_same_bits_with_one_thread_and_with_three) {
  at::manual_seed(4);
  const int threads = at::get_num_threads();
  const Trace trace = random_trace(32, {convolution("convolution", shapes()[1])});
  LayerTrace layer = trace.layers.front();
  layer.inputs = layer.inputs.to(at::kFloat), layer.output_gradients = layer.output_gradients.to(at::kFloat);
  at::set_num_threads(1);
  const Summed one = ours(layer, trace.layout);
  at::set_num_threads(3);
  const Summed three = ours(layer, trace.layout);
  at::set_num_threads(threads);
  EXPECT_TRUE(at::equal(one.weight, three.weight));
  EXPECT_TRUE(at::equal(one.bias, three.bias));
}

TEST(ConvolutionGradient, is_formed_so_where_libraries_pad_and_patches_hardly_overlap) {
  const auto is_slow = [](std::int64_t channels, std::int64_t kernel, std::int64_t stride) {
    const nn::ConvolutionUse use{.weight = 0,
                                 .bias = {},
                                 .stride = {stride, stride},
                                 .padding = {0, 0},
                                 .dilation = {1, 1},
                                 .groups = 1};
    return is_slow_in_libraries(use, at::empty({2, channels, 84, 84}), {8, channels, kernel, kernel});
  };
  EXPECT_TRUE(is_slow(4, 8, 4)) << "DQN's first layer";
  EXPECT_TRUE(is_slow(4, 5, 5)) << "the data-efficient network's";
  EXPECT_FALSE(is_slow(3, 5, 2)) << "classifiers'";
  EXPECT_FALSE(is_slow(4, 5, 2)) << "image agents'";
  EXPECT_FALSE(is_slow(4, 3, 1)) << "MinAtar's";
  EXPECT_FALSE(is_slow(32, 4, 2));
}

}  // namespace
}  // namespace crosstalk::trace
