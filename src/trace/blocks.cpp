#include "trace/blocks.hpp"

#include <ATen/ops/empty.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/zeros.h>

#include "base/error.hpp"
#include "trace/convolution.hpp"
#include "trace/rule.hpp"

namespace crosstalk::trace {
namespace {

// What a panel keeps of a layer: rows whose dots are the products, or, where that is smaller, the trace
// itself.
struct CompactLayer {
  at::Tensor rows;  // (B, K), undefined where `trace` is kept
  LayerTrace trace;
};
using Panel = std::vector<CompactLayer>;

struct Source {
  const nn::Network& network;
  const nn::Parameters& parameters;
  const at::Tensor& x;
  const Cotangent& cotangent;

  Trace trace(std::int64_t first, std::int64_t count) const {
    nn::Tape tape;
    nn::Gradients gradients;
    network.forward(parameters, x.narrow(0, first, count), tape);
    network.backward(parameters, tape, cotangent(tape.output(), first), gradients);
    return make_trace(network, tape, gradients);
  }
};

at::Tensor layer_rows(const LayerTrace& layer, const tensor::Layout& layout, const Options& options) {
  if (std::holds_alternative<nn::ConvolutionUse>(layer.use) && layer.inputs.is_cpu() &&
      options.path == Path::fastest)
    return convolution_rows(layer, layout);
  // The rule writes into theta's columns: a layout of this layer's segments alone spares the others' memory.
  tensor::Layout own;
  LayerTrace moved = layer;
  const auto take = [&](std::size_t segment) {
    return own.add(layout.segments()[segment].name, layout.segments()[segment].shape);
  };
  if (auto* use = std::get_if<nn::LinearUse>(&moved.use)) {
    use->weight = take(use->weight);
    if (use->bias) use->bias = take(*use->bias);
  } else if (auto* convolution = std::get_if<nn::ConvolutionUse>(&moved.use)) {
    convolution->weight = take(convolution->weight);
    if (convolution->bias) convolution->bias = take(*convolution->bias);
  } else {
    auto& scale = std::get<nn::ScaleUse>(moved.use);
    scale.gain = take(scale.gain);
    scale.shift = take(scale.shift);
  }
  at::Tensor rows = at::empty({layer.inputs.size(0), own.size()}, layer.inputs.options());
  rule(moved.use).per_sample(moved, own, rows);
  return rows;
}

bool keeps_trace(const LayerTrace& layer, const tensor::Layout& layout, const Options& options) {
  return method(layer, layout, options) != Method::weight_gradients;
}

std::int64_t parameters_of(const LayerTrace& layer, const tensor::Layout& layout) {
  const auto size = [&](std::size_t segment) { return layout.segments()[segment].size(); };
  if (const auto* use = std::get_if<nn::LinearUse>(&layer.use))
    return size(use->weight) + (use->bias ? size(*use->bias) : 0);
  if (const auto* use = std::get_if<nn::ConvolutionUse>(&layer.use))
    return size(use->weight) + (use->bias ? size(*use->bias) : 0);
  const auto& use = std::get<nn::ScaleUse>(layer.use);
  return size(use.gain) + size(use.shift);
}

// What a sample needs, in bytes: in a panel; and while its block streams by (tape, gradients, rows, what
// layers form).
struct Needs {
  std::int64_t panel = 0, block = 0;
};

Needs needs(const Source& source, const Options& options) {
  const Trace one = source.trace(0, 1);
  Needs needs;
  std::int64_t activations = 0, largest = 0;
  for (const LayerTrace& layer : one.layers) {
    const std::int64_t width = layer.inputs.element_size();
    const std::int64_t own = (layer.inputs.numel() + layer.output_gradients.numel()) * width;
    const std::int64_t rows = parameters_of(layer, *one.layout) * width;
    needs.panel += keeps_trace(layer, *one.layout, options) ? own : rows;
    // Input and output on the tape, gradient at the output before and after the activation, and a copy in
    // another order.
    activations += 3 * own;
    largest = std::max(largest, rows);
  }
  needs.block = activations + needs.panel + largest;
  return needs;
}

// Moves a block's compact form into rows [first, first + count) of the panel, which holds `size` samples.
void put(const Trace& trace, const Options& options, std::int64_t first, std::int64_t size, Panel& panel) {
  if (panel.empty()) panel.resize(trace.layers.size());
  const auto place = [&](at::Tensor& whole, const at::Tensor& part) {
    if (!whole.defined()) {
      std::vector<std::int64_t> shape = part.sizes().vec();
      shape[0] = size;
      whole = at::empty(shape, part.options());
    }
    whole.narrow(0, first, part.size(0)).copy_(part);
  };
  for (std::size_t i = 0; i < trace.layers.size(); ++i) {
    const LayerTrace& layer = trace.layers[i];
    if (keeps_trace(layer, *trace.layout, options)) {
      panel[i].trace.name = layer.name, panel[i].trace.use = layer.use;
      place(panel[i].trace.inputs, layer.inputs);
      place(panel[i].trace.output_gradients, layer.output_gradients);
    } else {
      place(panel[i].rows, layer_rows(layer, *trace.layout, options));
    }
  }
}

Panel compact(const Trace& trace, const Options& options) {
  Panel panel;
  put(trace, options, 0, trace.samples, panel);
  return panel;
}

at::Tensor products(const Panel& rows, const Panel& columns, const tensor::Layout& layout,
                    const Options& options) {
  at::Tensor sum;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool same = &rows == &columns;
    at::Tensor part;
    if (rows[i].rows.defined())
      part = at::mm(rows[i].rows, columns[i].rows.t());
    else
      part = rule(rows[i].trace.use)
                 .products(rows[i].trace, same ? rows[i].trace : columns[i].trace, layout, options);
    sum = sum.defined() ? sum.add_(part) : part;
  }
  return sum;
}

struct Walk {
  std::int64_t panel, block;  // samples
};

Walk walk(const Source& source, std::int64_t budget_bytes, const Options& options) {
  const Needs need = needs(source, options);
  const std::int64_t reserve = 24ll << 20;  // what libraries pack and allocate beside the tensors
  // A fifth for the block that streams by; the panel takes the rest, since panels, not blocks, repeat passes.
  const std::int64_t usable = budget_bytes - reserve;
  const std::int64_t block = std::min<std::int64_t>(128, usable / 5 / std::max<std::int64_t>(1, need.block));
  const std::int64_t panel = (usable - block * need.block) / std::max<std::int64_t>(1, need.panel + 1);
  if (block < 1 || panel < 1)
    throw Error(ErrorKind::config, "a Gram in " + std::to_string(budget_bytes) +
                                       " bytes: one sample of this network needs " +
                                       std::to_string(reserve + 5 * need.block + need.panel) +
                                       "; give at least so many as the budget");
  return {panel, block};
}

Panel load(const Source& source, std::int64_t first, std::int64_t count, std::int64_t block,
           const Options& options) {
  Panel panel;
  for (std::int64_t at = 0; at < count; at += block)
    put(source.trace(first + at, std::min(block, count - at)), options, at, count, panel);
  return panel;
}

/// (N, M) of two sources, or on and right of the diagonal of one with itself (the same object).
at::Tensor walked(const Source& rows, const Source& columns, std::int64_t budget_bytes,
                  const Options& options) {
  const bool same = &rows == &columns;
  const std::int64_t n = rows.x.size(0), m = columns.x.size(0);
  const tensor::Layout& layout = rows.network.layout();
  at::Tensor out = at::zeros({n, m}, rows.x.options());
  if (n == 0 || m == 0) return out;
  const Walk step = walk(rows, budget_bytes, options);
  Options within = options;
  within.scratch_bytes = std::min(options.scratch_bytes, budget_bytes / 10);
  for (std::int64_t i = 0; i < n; i += step.panel) {
    const std::int64_t height = std::min(step.panel, n - i);
    const Panel panel = load(rows, i, height, step.block, within);
    const auto put = [&](const Panel& other, std::int64_t j, std::int64_t width) {
      out.narrow(0, i, height).narrow(1, j, width).copy_(products(panel, other, layout, within));
    };
    if (same) put(panel, i, height);
    for (std::int64_t j = same ? i + height : 0; j < m; j += step.block) {
      const std::int64_t width = std::min(step.block, m - j);
      put(compact(columns.trace(j, width), within), j, width);
    }
  }
  return out;
}

}  // namespace

at::Tensor gram_in_blocks(const nn::Network& network, const nn::Parameters& parameters, const at::Tensor& x,
                          const Cotangent& cotangent, std::int64_t budget_bytes, const Options& options) {
  const Source source{network, parameters, x, cotangent};
  return mirrored(walked(source, source, budget_bytes, options));
}

at::Tensor cross_gram_in_blocks(const nn::Network& network, const nn::Parameters& parameters,
                                const at::Tensor& x, const Cotangent& cotangent_x, const at::Tensor& y,
                                const Cotangent& cotangent_y, std::int64_t budget_bytes,
                                const Options& options) {
  return walked({network, parameters, x, cotangent_x}, {network, parameters, y, cotangent_y}, budget_bytes,
                options);
}

}  // namespace crosstalk::trace
