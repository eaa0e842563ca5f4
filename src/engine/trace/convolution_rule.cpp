// Convolutions: with the input unfolded to A_n (d, T), d = channels x kernel, and output gradients D_n (p,
// T), the weight gradient is D_n A_n' (p, d), the bias's sum_t D_n. The CPU's fast path is
// convolution_fast.cpp.
#include <ATen/ops/bmm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/convolution.h>
#include <ATen/ops/convolution_backward.h>
#include <ATen/ops/im2col.h>

#include "base/error.hpp"
#include "tensor/aligned.hpp"
#include "trace/convolution.hpp"
#include "trace/rows.hpp"
#include "trace/rule.hpp"

namespace crosstalk::trace {
namespace {

using nn::ConvolutionUse;

std::int64_t out_size(std::int64_t in, std::int64_t kernel, std::int64_t stride, std::int64_t padding,
                      std::int64_t dilation) {
  return (in + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1;
}

bool moves_forward(const ConvolutionUse& use) {
  const auto all = [](const auto& pair, std::int64_t least) {
    return std::ranges::all_of(pair, [least](std::int64_t number) { return number >= least; });
  };
  return all(use.stride, 1) && all(use.dilation, 1) && all(use.padding, 0);
}

class ConvolutionRule final : public Rule {
 public:
  void check(const LayerTrace& layer, const tensor::Layout& layout) const override {
    const auto& use = std::get<ConvolutionUse>(layer.use);
    const auto& shape = layout.segments().at(use.weight).shape;
    const at::Tensor &x = layer.inputs, &g = layer.output_gradients;
    if (shape.size() == 4 && x.dim() == 4 && g.dim() == 4 && use.groups > 0 &&
        x.size(1) == shape[1] * use.groups && shape[0] % use.groups == 0 && g.size(1) == shape[0] &&
        moves_forward(use) && (!use.bias || layout.segments().at(*use.bias).size() == shape[0]) &&
        g.size(2) == out_size(x.size(2), shape[2], use.stride[0], use.padding[0], use.dilation[0]) &&
        g.size(3) == out_size(x.size(3), shape[3], use.stride[1], use.padding[1], use.dilation[1]))
      return;
    throw Error(ErrorKind::config, "trace of layer " + layer.name + ": inputs " + c10::str(x.sizes()) +
                                       " and output gradients " + c10::str(g.sizes()) +
                                       " do not fit a convolution's weight " +
                                       c10::str(at::IntArrayRef(shape)) +
                                       " with its bias, stride, padding, dilation and groups");
  }

  void gradient(const nn::Use& any, const at::Tensor& inputs, const at::Tensor& output_gradients,
                const tensor::Layout& layout, const at::Tensor& out) const override {
    const auto& use = std::get<ConvolutionUse>(any);
    const at::Tensor weight = layout.view(out, use.weight);
    if (is_slow_in_libraries(use, inputs, weight.sizes())) {
      const auto bias = use.bias ? std::optional(layout.view(out, *use.bias)) : std::nullopt;
      return convolution_gradient({"", use, inputs, output_gradients}, layout, weight, bias);
    }
    auto [_, of_weight, of_bias] = at::convolution_backward(
        output_gradients, inputs, weight, at::IntArrayRef{weight.size(0)}, use.stride, use.padding,
        use.dilation, false, at::IntArrayRef{0, 0}, use.groups, {false, true, use.bias.has_value()});
    weight.copy_(of_weight);
    if (use.bias) layout.view(out, *use.bias).copy_(of_bias);
  }

  at::Tensor products(const LayerTrace& rows, const LayerTrace& columns, const tensor::Layout& layout,
                      const Options& options) const override {
    const auto& use = std::get<ConvolutionUse>(rows.use);
    if (method(rows, layout, options) == Method::pairs)
      return pair_products(
          rows, columns,
          [&](const LayerTrace& layer, std::int64_t first, std::int64_t count) -> Positions {
            const auto by_position = [](const at::Tensor& x) { return tensor::aligned(x.transpose(1, 2)); };
            return {by_position(unfolded(layer.inputs.narrow(0, first, count), use, layout)),
                    by_position(layer.output_gradients.narrow(0, first, count).flatten(2))};
          },
          use.bias.has_value(), options);
    if (options.path == Path::fastest && rows.inputs.is_cpu())
      return convolution_products(rows, columns, layout, options);
    return row_products(rows_of(rows, layout), rows_of(columns, layout), &rows == &columns,
                        samples_at_once(rows, layout, options));
  }

  at::Tensor squared_norms(const LayerTrace& layer, const tensor::Layout& layout,
                           const Options& options) const override {
    if (options.path == Path::fastest && layer.inputs.is_cpu())
      return convolution_squared_norms(layer, layout, options);
    return row_norms(rows_of(layer, layout), samples_at_once(layer, layout, options));
  }

  at::Tensor directional(const LayerTrace& layer, const tensor::Layout& layout,
                         const at::Tensor& direction) const override {
    const auto& use = std::get<ConvolutionUse>(layer.use);
    const std::optional<at::Tensor> bias =
        use.bias ? std::optional(layout.view(direction, *use.bias)) : std::nullopt;
    const at::Tensor change =
        at::convolution(layer.inputs, layout.view(direction, use.weight), bias, use.stride, use.padding,
                        use.dilation, false, at::IntArrayRef{0, 0}, use.groups);
    return change.mul(layer.output_gradients).sum({1, 2, 3});
  }

  void add_per_sample(const LayerTrace& layer, const tensor::Layout& layout,
                      const at::Tensor& out) const override {
    const auto& use = std::get<ConvolutionUse>(layer.use);
    segment_of(out, layout, use.weight).add_(weights(layer.inputs, layer.output_gradients, use, layout));
    if (use.bias) segment_of(out, layout, *use.bias).add_(layer.output_gradients.sum({2, 3}));
  }

 private:
  static at::Tensor unfolded(const at::Tensor& inputs, const ConvolutionUse& use,
                             const tensor::Layout& layout) {
    const auto& shape = layout.segments()[use.weight].shape;
    return at::im2col(inputs, {shape[2], shape[3]}, use.dilation, use.padding,
                      use.stride);  // (N, C kh kw, T)
  }

  // (N, p d) in the weight's own order.
  static at::Tensor weights(const at::Tensor& inputs, const at::Tensor& output_gradients,
                            const ConvolutionUse& use, const tensor::Layout& layout) {
    const auto& shape = layout.segments()[use.weight].shape;
    const std::int64_t n = inputs.size(0), groups = use.groups, d = shape[1] * shape[2] * shape[3];
    const at::Tensor a = unfolded(inputs, use, layout).reshape({n * groups, d, -1});
    const at::Tensor g = output_gradients.reshape({n * groups, shape[0] / groups, -1});
    return at::bmm(g, a.transpose(1, 2)).reshape({n, shape[0] * d});
  }

  static Rows rows_of(const LayerTrace& layer, const tensor::Layout& layout) {
    return {layer.inputs.size(0), layer.inputs.options(), [&](std::int64_t first, std::int64_t count) {
              const auto& use = std::get<ConvolutionUse>(layer.use);
              const at::Tensor gradients = layer.output_gradients.narrow(0, first, count);
              const at::Tensor rows = weights(layer.inputs.narrow(0, first, count), gradients, use, layout);
              return use.bias ? at::cat({rows, gradients.sum({2, 3})}, 1) : rows;
            }};
  }

  static std::int64_t samples_at_once(const LayerTrace& layer, const tensor::Layout& layout,
                                      const Options& options) {
    const Convolution c = convolution_of(layer, layout);
    const std::int64_t numbers = c.outputs * (c.depth() + 1) * 2 + c.depth() * c.use.groups * c.positions();
    return std::max<std::int64_t>(1, options.scratch_bytes / (numbers * layer.inputs.element_size()));
  }
};

}  // namespace

Convolution convolution_of(const LayerTrace& layer, const tensor::Layout& layout) {
  const auto& use = std::get<ConvolutionUse>(layer.use);
  const auto& shape = layout.segments().at(use.weight).shape;
  return {layer.inputs.size(0),
          layer.inputs.size(1),
          layer.inputs.size(2),
          layer.inputs.size(3),
          shape[0],
          layer.output_gradients.size(2),
          layer.output_gradients.size(3),
          shape[2],
          shape[3],
          use};
}

const Rule& convolution_rule() {
  static const ConvolutionRule rule;
  return rule;
}

}  // namespace crosstalk::trace
