#include "trace/gram.hpp"

#include <ATen/ops/zeros.h>

#include "trace/parts.hpp"
#include "trace/rule.hpp"

namespace crosstalk::trace {

std::vector<at::Tensor> gram_per_layer(const Trace& trace, const Options& options) {
  check(trace);
  std::vector<at::Tensor> grams;
  for (const Part& part : parts(trace))
    grams.push_back(mirrored(products(part, part, trace.layout, options)));
  return grams;
}

at::Tensor gram(const Trace& trace, const Options& options) {
  return mirrored(gram_above_diagonal(trace, options));
}

at::Tensor gram_above_diagonal(const Trace& trace, const Options& options) {
  check(trace);
  Scratch own;
  Options within = options;
  if (within.scratch == nullptr) within.scratch = &own;  // one for all layers
  at::Tensor sum;
  for (const Part& part : parts(trace)) {
    const at::Tensor own = products(part, part, trace.layout, within);
    sum = sum.defined() ? sum.add_(own) : own;
  }
  return sum.defined() ? sum : at::zeros({trace.samples, trace.samples});
}

}  // namespace crosstalk::trace
