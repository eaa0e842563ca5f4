#include "trace/norms.hpp"

#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>

#include "trace/parts.hpp"
#include "trace/rule.hpp"

namespace crosstalk::trace {

std::vector<at::Tensor> squared_norms_per_layer(const Trace& trace, const Options& options) {
  check(trace);
  std::vector<at::Tensor> norms;
  for (const Part& part : parts(trace)) norms.push_back(squared_norms(part, trace.layout, options));
  return norms;
}

at::Tensor squared_norms(const Trace& trace, const Options& options) {
  const std::vector<at::Tensor> parts = squared_norms_per_layer(trace, options);
  return parts.empty() ? at::zeros({trace.samples}) : at::stack(parts).sum(0);
}

}  // namespace crosstalk::trace
