#include "trace/blocks.hpp"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <cmath>

#include "base/error.hpp"
#include "trace/parts.hpp"
#include "trace/rule.hpp"

namespace crosstalk::trace {
namespace {

// What a panel keeps of a part of the trace: rows whose dots are the products, or, where that is smaller, the
// layer's trace itself.
struct CompactPart {
  at::Tensor rows;  // (B, K), undefined where `trace` is kept
  LayerTrace trace;
};
using Panel = std::vector<CompactPart>;

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
    Trace trace = make_trace(network, parameters, tape, gradients);
    check(trace);
    return trace;
  }
};

constexpr std::int64_t largest_block = 128;  // samples

// What is needed, in bytes: for a sample in a panel; for one whose block streams by (tape, gradients, rows,
// what layers form); for a pair of samples that meet; and once, by pairs of positions.
struct Needs {
  std::int64_t panel = 0, block = 0, pair = 0, once = 0;
};

// What holds for a whole walk. The method of each part is decided once: panels and blocks must hold the same
// of a part, and the cost model's choice depends on the number of samples.
struct Plan {
  Options options;
  std::vector<Method> methods;  // part by part
  Needs need;

  bool keeps_trace(std::size_t part) const { return methods[part] != Method::weight_gradients; }
  Options of(std::size_t part) const {
    Options own = options;
    own.method = methods[part];
    return own;
  }
};

Method method_for(LayerTrace layer, std::int64_t samples, const tensor::Layout& layout,
                  const Options& options) {
  for (at::Tensor* tensor : {&layer.inputs, &layer.output_gradients}) {
    std::vector<std::int64_t> shape = tensor->sizes().vec();
    shape[0] = samples;
    *tensor = tensor->expand(shape);
  }
  return method(layer, layout, options);
}

std::int64_t bytes_of(const LayerTrace& layer) {
  return (layer.inputs.numel() + layer.output_gradients.numel()) * layer.inputs.element_size();
}

Plan plan_of(const Trace& one, std::int64_t samples, const Options& options) {
  Plan plan{options, {}, {}};
  Needs& need = plan.need;
  std::int64_t largest = 0;
  for (const Part& part : parts(one)) {
    const LayerTrace& front = part.uses.front();
    plan.methods.push_back(part.is_one_layer() ? method_for(front, samples, one.layout, options)
                                               : Method::weight_gradients);
    const std::int64_t width = front.inputs.element_size(), rows = parameters(part, one.layout) * width;
    need.panel += plan.methods.back() == Method::weight_gradients ? rows : bytes_of(front);
    if (plan.methods.back() == Method::pairs) need.once = options.scratch_bytes;
    largest = std::max(largest, rows);
    // The parts' sum, this part's products, those of a linear layer's inputs, and a sum for each thread.
    const std::int64_t threads = front.inputs.is_cpu() ? at::get_num_threads() : 1;
    need.pair = (3 + (threads > 1 ? threads : 0)) * width;
  }
  need.block = need.panel + largest;
  // Input and output on the tape, gradient at the output before and after the activation, and a copy in
  // another order.
  for (const LayerTrace& layer : one.layers) need.block += 3 * bytes_of(layer);
  return plan;
}

// Moves a block's compact form into rows [first, first + count) of the panel, which holds `size` samples.
void put(const Trace& trace, const Plan& plan, std::int64_t first, std::int64_t size, Panel& panel) {
  const std::vector<Part> all = parts(trace);
  if (panel.empty()) panel.resize(all.size());
  const auto place = [&](at::Tensor& whole, const at::Tensor& part) {
    if (!whole.defined()) {
      std::vector<std::int64_t> shape = part.sizes().vec();
      shape[0] = size;
      whole = at::empty(shape, part.options());
    }
    whole.narrow(0, first, part.size(0)).copy_(part);
  };
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (plan.keeps_trace(i)) {
      const LayerTrace& layer = all[i].uses.front();
      panel[i].trace.name = layer.name, panel[i].trace.use = layer.use;
      place(panel[i].trace.inputs, layer.inputs);
      place(panel[i].trace.output_gradients, layer.output_gradients);
    } else {
      place(panel[i].rows, rows(all[i], trace.layout, 0, trace.samples, plan.options));
    }
  }
}

Panel compact(const Trace& trace, const Plan& plan) {
  Panel panel;
  put(trace, plan, 0, trace.samples, panel);
  return panel;
}

at::Tensor products(const Panel& rows, const Panel& columns, const tensor::Layout& layout, const Plan& plan) {
  at::Tensor sum;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool same = &rows == &columns;
    at::Tensor part;
    if (rows[i].rows.defined())
      part = at::mm(rows[i].rows, columns[i].rows.t());
    else
      part = rule(rows[i].trace.use)
                 .products(rows[i].trace, same ? rows[i].trace : columns[i].trace, layout, plan.of(i));
    sum = sum.defined() ? sum.add_(part) : part;
  }
  return sum;
}

struct Walk {
  std::int64_t panel, block;  // samples
};

// A panel and a block of one sample; pairs of positions take a tenth of any budget.
std::int64_t least_of(const Needs& need) {
  const std::int64_t least = beside_tensors + 5 * need.block + need.panel + 2 * need.pair;
  return need.once > 0 ? least * 10 / 9 + 1 : least;
}

Walk walk(const Needs& need, std::int64_t budget_bytes) {
  // A fifth for the block that streams by; the panel takes the rest, since panels, not blocks, repeat passes.
  const std::int64_t usable = budget_bytes - beside_tensors - need.once;
  const std::int64_t block = std::min(largest_block, usable / 5 / std::max<std::int64_t>(1, need.block));
  // The most samples that fit: pair panel^2 + (panel's own + pair block) panel = what is left.
  const double left = double(std::max<std::int64_t>(0, usable - block * need.block)),
               pair = double(need.pair), each = double(need.panel + need.pair * block);
  const auto panel =
      static_cast<std::int64_t>((std::sqrt(each * each + 4 * pair * left) - each) / (2 * pair));
  if (block < 1 || panel < 1) {
    throw Error(ErrorKind::config,
                "a Gram in " + std::to_string(budget_bytes) + " bytes: one sample of this network needs " +
                    std::to_string(least_of(need)) + "; give at least so many as the budget");
  }
  return {panel, block};
}

Panel load(const Source& source, std::int64_t first, std::int64_t count, std::int64_t block,
           const Plan& plan) {
  Panel panel;
  for (std::int64_t at = 0; at < count; at += block)
    put(source.trace(first + at, std::min(block, count - at)), plan, at, count, panel);
  return panel;
}

/// (N, N), on and right of the diagonal.
at::Tensor walked(const Source& source, std::int64_t budget_bytes, const Options& options) {
  const std::int64_t n = source.x.size(0);
  const tensor::Layout& layout = source.network.layout();
  at::Tensor out = at::zeros({n, n}, source.x.options());
  if (n == 0) return out;
  Options within = options;
  within.scratch_bytes = std::min(options.scratch_bytes, budget_bytes / 10);
  const Plan plan = plan_of(source.trace(0, 1), std::min(largest_block, n), within);
  const Walk step = walk(plan.need, budget_bytes);
  for (std::int64_t i = 0; i < n; i += step.panel) {
    const std::int64_t height = std::min(step.panel, n - i);
    const Panel panel = load(source, i, height, step.block, plan);
    const auto put = [&](const Panel& other, std::int64_t j, std::int64_t width) {
      out.narrow(0, i, height).narrow(1, j, width).copy_(products(panel, other, layout, plan));
    };
    put(panel, i, height);
    for (std::int64_t j = i + height; j < n; j += step.block) {
      const std::int64_t width = std::min(step.block, n - j);
      put(compact(source.trace(j, width), plan), j, width);
    }
  }
  return out;
}

}  // namespace

std::int64_t least_budget(const nn::Network& network, const nn::Parameters& parameters, const at::Tensor& x,
                          const Options& options) {
  const Cotangent nothing = [](const at::Tensor& output, std::int64_t) { return at::zeros_like(output); };
  const Source source{network, parameters, x, nothing};
  return least_of(plan_of(source.trace(0, 1), std::min(largest_block, x.size(0)), options).need);
}

at::Tensor gram_in_blocks(const nn::Network& network, const nn::Parameters& parameters, const at::Tensor& x,
                          const Cotangent& cotangent, std::int64_t budget_bytes, const Options& options) {
  const Source source{network, parameters, x, cotangent};
  return mirrored(walked(source, budget_bytes, options));
}

}  // namespace crosstalk::trace
