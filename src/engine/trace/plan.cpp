#include "trace/plan.hpp"

#include <ATen/Parallel.h>

#include <cstdio>

#include "trace/rule.hpp"

namespace crosstalk::trace {
namespace {

struct Sizes {
  double n, t, d, p;  // samples, positions, and the weight matrix (p, d), d of one group
  double groups = 1;
  double inputs;  // numbers of one sample's input as stored
};

// product.cpp's part of the square: on and right of the diagonal, in blocks of 16 rows.
double triangle(double n) { return 0.5 + 0.5 * std::min(1.0, 16 / n); }

Cost weight_gradients(const Sizes& s, const Rates& rates, double width, double threads) {
  const double weights = s.d * s.p, form = 2 * s.n * s.t * weights;
  const double multiply = 2 * s.n * s.n * weights * triangle(s.n);
  const double bytes = width * s.n * (2 * weights + s.t * s.d + s.inputs + s.t * s.p);
  // Thin products use a part of a vector register or of the cache line only.
  const double filled = std::min(1.0, s.d / 64) * 0.5 + 0.5;
  return {Method::weight_gradients, form + multiply, bytes, width * s.n * weights,
          (form / (rates.small_product * filled) + multiply / rates.product + bytes / rates.memory) /
                  threads * width / 4 +
              3 * rates.call};
}

// pairs.cpp's tiles: of a Gram those on and right of the diagonal.
Cost pairs(const Sizes& s, const Rates& rates, double width, double threads, bool unfolds) {
  const double positions = s.n * s.t, tiles = std::min(1.0, 0.5 + 0.5 * std::max(64.0, s.t) / positions);
  const double flops = 2 * positions * positions * tiles * (s.d + s.p + 1);
  const double unfolded = unfolds ? positions * s.d : 0;
  return {Method::pairs, flops, width * (positions * (s.d + s.p) + 2 * unfolded),
          width * 3 * positions * (s.d + s.p),
          (flops / rates.pairs + unfolded / rates.unfold) / threads * width / 4 + 9 * rates.call};
}

Cost outer(const Sizes& s, const Rates& rates, double width, double threads) {
  const double flops = 2 * s.n * s.n * (s.d + s.p + 1) * triangle(s.n),
               bytes = width * (s.n * (s.d + s.p) + 3 * s.n * s.n);
  return {Method::outer, flops, bytes, width * 2 * s.n * s.n,
          (flops / rates.product + bytes / rates.memory) / threads * width / 4 + 3 * rates.call};
}

}  // namespace

std::vector<Cost> gram_costs(const LayerTrace& layer, const tensor::Layout& layout, const Options& options,
                             const Rates& rates) {
  const double width = double(layer.inputs.element_size());
  const double threads = layer.inputs.is_cpu() ? at::get_num_threads() : 1;
  Sizes s{.n = double(layer.inputs.size(0)),
          .inputs = double(layer.inputs.numel()) / std::max<double>(1, double(layer.inputs.size(0)))};
  const auto within = [&](std::vector<Cost> costs) {  // what is larger is formed in parts
    for (Cost& cost : costs) cost.scratch = std::min(cost.scratch, double(options.scratch_bytes));
    return costs;
  };
  if (const auto* linear = std::get_if<nn::LinearUse>(&layer.use)) {
    const auto& shape = layout.segments().at(linear->weight).shape;
    s.p = double(shape[0]), s.d = double(shape[1]), s.t = s.inputs / s.d;
    if (s.t <= 1) return {outer(s, rates, width, threads)};
    return within({weight_gradients(s, rates, width, threads), pairs(s, rates, width, threads, false)});
  }
  if (const auto* convolution = std::get_if<nn::ConvolutionUse>(&layer.use)) {
    const auto& shape = layout.segments().at(convolution->weight).shape;
    s.groups = double(convolution->groups), s.p = double(shape[0]),
    s.d = double(shape[1] * shape[2] * shape[3]);
    s.t = double(layer.output_gradients.size(2) * layer.output_gradients.size(3));
    std::vector<Cost> costs{weight_gradients(s, rates, width, threads)};
    if (convolution->groups == 1) costs.push_back(pairs(s, rates, width, threads, true));
    return within(std::move(costs));
  }
  s.d = double(layout.segments().at(std::get<nn::ScaleUse>(layer.use).gain).size()), s.p = 1,
  s.t = s.inputs / s.d;
  return within({weight_gradients(s, rates, width, threads)});
}

std::vector<LayerPlan> plan(const Trace& trace, const Options& options, const Rates& rates) {
  std::vector<LayerPlan> plan;
  for (const LayerTrace& layer : trace.layers) {
    const Method chosen = method(layer, *trace.layout, options);
    LayerPlan entry{layer.name, {}, {}};
    for (const Cost& cost : gram_costs(layer, *trace.layout, options, rates)) {
      if (cost.method == chosen)
        entry.chosen = cost;
      else
        entry.others.push_back(cost);
    }
    plan.push_back(std::move(entry));
  }
  return plan;
}

std::string_view name(Method method) {
  switch (method) {
    case Method::outer:
      return "outer";
    case Method::weight_gradients:
      return "weight gradients";
    case Method::pairs:
      return "pairs";
  }
  return "?";
}

std::string describe(const std::vector<LayerPlan>& plan) {
  std::string text;
  const auto add = [&](const Cost& cost) {
    char line[160];
    std::snprintf(line, sizeof line, "%s: %.3f ms, %.3f GFLOP, %.1f MB moved, %.1f MB scratch",
                  std::string(name(cost.method)).c_str(), cost.seconds * 1e3, cost.flops / 1e9,
                  cost.bytes / 1e6, cost.scratch / 1e6);
    text += line;
  };
  for (const LayerPlan& layer : plan) {
    text += layer.name + "  ";
    add(layer.chosen);
    for (const Cost& other : layer.others) text += "  (not ", add(other), text += ")";
    text += '\n';
  }
  return text;
}

}  // namespace crosstalk::trace
