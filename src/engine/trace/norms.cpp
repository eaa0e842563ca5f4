#include "trace/norms.hpp"

#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>

#include "trace/parts.hpp"
#include "trace/rule.hpp"

namespace crosstalk::trace {

at::Tensor squared_norms(const Trace& trace, const Options& options) {
  check(trace);
  std::vector<at::Tensor> norms;
  for (const Part& part : parts(trace)) norms.push_back(squared_norms(part, trace.layout, options));
  return norms.empty() ? at::zeros({trace.samples}) : at::stack(norms).sum(0);
}

}  // namespace crosstalk::trace
