#include "trace/gram.hpp"

#include <ATen/ops/zeros.h>

#include "trace/rule.hpp"

namespace crosstalk::trace {

std::vector<at::Tensor> gram_per_layer(const Trace& trace, const Options& options) {
  check(trace);
  std::vector<at::Tensor> grams;
  for (const LayerTrace& layer : trace.layers)
    grams.push_back(mirrored(rule(layer.use).products(layer, layer, *trace.layout, options)));
  return grams;
}

at::Tensor gram(const Trace& trace, const Options& options) {
  check(trace);
  Scratch own;
  Options within = options;
  if (within.scratch == nullptr) within.scratch = &own;  // one for all layers
  at::Tensor sum;
  for (const LayerTrace& layer : trace.layers) {
    const at::Tensor part = rule(layer.use).products(layer, layer, *trace.layout, within);
    sum = sum.defined() ? sum.add_(part) : part;
  }
  if (!sum.defined()) return at::zeros({trace.samples, trace.samples});
  return mirrored(sum);
}

}  // namespace crosstalk::trace
