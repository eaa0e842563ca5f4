#include "trace/plan.hpp"

#include <ATen/Parallel.h>

#include <cstdio>

#include "trace/parts.hpp"
#include "trace/rule.hpp"

namespace crosstalk::trace {
namespace {

struct Sizes {
  double n, t, d, p;  // samples, positions, and the weight matrix (p, d), d of one group
  double inputs;      // numbers of one sample's input as stored
};

Sizes sizes_of(const LayerTrace& layer, const tensor::Layout& layout) {
  Sizes s{.n = double(layer.inputs.size(0)),
          .inputs = double(layer.inputs.numel()) / std::max<double>(1, double(layer.inputs.size(0)))};
  const auto shape = [&](std::size_t segment) -> const auto& { return layout.segments().at(segment).shape; };
  if (const auto* linear = std::get_if<nn::LinearUse>(&layer.use)) {
    const auto& weight = shape(linear->weight);
    s.p = double(weight[0]), s.d = double(weight[1]), s.t = s.inputs / s.d;
  } else if (const auto* convolution = std::get_if<nn::ConvolutionUse>(&layer.use)) {
    const auto& weight = shape(convolution->weight);
    s.p = double(weight[0]), s.d = double(weight[1] * weight[2] * weight[3]);
    s.t = double(layer.output_gradients.size(2) * layer.output_gradients.size(3));
  } else if (const auto* scale = std::get_if<nn::ScaleUse>(&layer.use)) {
    s.d = double(layout.segments().at(scale->gain).size()), s.p = 1, s.t = s.inputs / s.d;
  } else if (std::holds_alternative<nn::EmbeddingUse>(layer.use)) {
    s.d = double(layer.output_gradients.size(-1)), s.p = 1, s.t = s.inputs;
  } else {
    s.d = s.inputs, s.p = 1, s.t = 0;
  }
  return s;
}

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

/// Of embedded positions: those with the same row of the weight alone meet, taken as if all rows were as
/// frequent.
Cost equal_pairs(const Sizes& s, double rows, const Rates& rates, double width) {
  const double positions = s.n * s.t, flops = positions * (positions / rows + 1) * s.d;
  return {Method::pairs, flops, width * 2 * positions * s.d, width * positions * s.d,
          flops / rates.pairs * width / 4 + positions * 100e-9};
}

Cost within(Cost cost, const Options& options) {  // what is larger is formed in parts
  cost.scratch = std::min(cost.scratch, double(options.scratch_bytes));
  return cost;
}

double threads_for(const LayerTrace& layer) { return layer.inputs.is_cpu() ? at::get_num_threads() : 1; }

/// Of a parameter whose uses' rows are summed: the rows of all, multiplied once.
Cost summed_rows(const Part& part, const tensor::Layout& layout, const Options& options, const Rates& rates) {
  const LayerTrace& front = part.uses.front();
  Sizes sum = sizes_of(front, layout);
  for (std::size_t i = 1; i < part.uses.size(); ++i) {
    const Sizes further = sizes_of(part.uses[i], layout);
    sum.t += further.t, sum.inputs += further.inputs;
  }
  return within(
      weight_gradients(sum, rates, double(front.output_gradients.element_size()), threads_for(front)),
      options);
}

}  // namespace

std::vector<Cost> gram_costs(const LayerTrace& layer, const tensor::Layout& layout, const Options& options,
                             const Rates& rates) {
  const double width = double(layer.output_gradients.element_size()), threads = threads_for(layer);
  const Sizes s = sizes_of(layer, layout);
  const auto* convolution = std::get_if<nn::ConvolutionUse>(&layer.use);
  const bool linear = std::holds_alternative<nn::LinearUse>(layer.use);
  if (linear && s.t <= 1) return {outer(s, rates, width, threads)};
  if (const auto* embedding = std::get_if<nn::EmbeddingUse>(&layer.use)) {
    const double rows = double(layout.segments()[embedding->weight].shape[0]);
    return {within(equal_pairs(s, rows, rates, width), options)};
  }
  std::vector<Cost> costs{within(weight_gradients(s, rates, width, threads), options)};
  if (linear || (convolution != nullptr && convolution->groups == 1))
    costs.push_back(within(pairs(s, rates, width, threads, convolution != nullptr), options));
  return costs;
}

std::vector<LayerPlan> plan(const Trace& trace, const Options& options, const Rates& rates) {
  std::vector<LayerPlan> plan;
  for (const Part& part : parts(trace)) {
    LayerPlan entry{part.name(), {}, {}};
    if (!part.is_one_layer()) {
      entry.chosen = summed_rows(part, trace.layout, options, rates);
    } else {
      const LayerTrace& layer = part.uses.front();
      const Method chosen = method(layer, trace.layout, options);
      for (const Cost& cost : gram_costs(layer, trace.layout, options, rates)) {
        if (cost.method == chosen)
          entry.chosen = cost;
        else
          entry.others.push_back(cost);
      }
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
