#pragma once

#include "trace/options.hpp"
#include "trace/trace.hpp"

namespace crosstalk::trace {

/// Sizes of one convolution's trace: inputs (N, C, H, W), output gradients (N, P, H', W').
struct Convolution {
  std::int64_t samples, channels, height, width, outputs, out_height, out_width, kernel_height, kernel_width;
  nn::ConvolutionUse use;
  std::int64_t positions() const { return out_height * out_width; }
  std::int64_t group_channels() const { return channels / use.groups; }
  std::int64_t group_outputs() const { return outputs / use.groups; }
  std::int64_t depth() const {
    return group_channels() * kernel_height * kernel_width;
  }  // of one output's weights
};
Convolution convolution_of(const LayerTrace& layer, const tensor::Layout& layout);

/// The CPU's fast path: products (N, M) of per-sample weight and bias gradients, formed a range of output
/// channels at a time within the scratch memory and dropped; and their squared norms (N).
at::Tensor convolution_products(const LayerTrace& rows, const LayerTrace& columns,
                                const tensor::Layout& layout, const Options& options);
at::Tensor convolution_squared_norms(const LayerTrace& layer, const tensor::Layout& layout,
                                     const Options& options);

/// Whether convolution_gradient() is the faster one: oneDNN pads few channels to eight to form the weight
/// gradient of a strided convolution, and its patches overlap little, so that unfolding them copies little.
/// In the first layer of networks that see Atari's four frames it is then 2 to 10 times as fast.
bool is_slow_in_libraries(const nn::ConvolutionUse& use, const at::Tensor& inputs, at::IntArrayRef weight);
/// The gradient summed over the samples into `weight` (P, C, kh, kw) and `bias` (P), of one group.
void convolution_gradient(const LayerTrace& layer, const tensor::Layout& layout, const at::Tensor& weight,
                          const std::optional<at::Tensor>& bias);

/// The same weight gradients as rows (N, p d + p) with weight and bias in an order of their own: enough for
/// dots.
at::Tensor convolution_rows(const LayerTrace& layer, const tensor::Layout& layout);

}  // namespace crosstalk::trace
