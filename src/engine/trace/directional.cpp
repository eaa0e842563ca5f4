#include "trace/directional.hpp"

#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>

#include "base/error.hpp"
#include "trace/rule.hpp"

namespace crosstalk::trace {

at::Tensor directional(const Trace& trace, const at::Tensor& direction) {
  check(trace);
  if (direction.dim() != 1 || direction.size(0) != trace.layout.size())
    throw Error(ErrorKind::config, "the direction has shape " + c10::str(direction.sizes()) +
                                       " where theta has " + std::to_string(trace.layout.size()) +
                                       " numbers");
  std::vector<at::Tensor> parts;
  for (const LayerTrace& layer : trace.layers)
    parts.push_back(rule(layer.use).directional(layer, trace.layout, direction));
  return parts.empty() ? at::zeros({trace.samples}) : at::stack(parts).sum(0);
}

}  // namespace crosstalk::trace
