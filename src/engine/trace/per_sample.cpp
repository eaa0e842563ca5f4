#include "trace/per_sample.hpp"

#include <ATen/ops/zeros.h>

#include "trace/rule.hpp"

namespace crosstalk::trace {

at::Tensor per_sample_gradients(const Trace& trace) {
  check(trace);
  const at::TensorOptions options =
      trace.layers.empty() ? at::TensorOptions() : trace.layers.front().output_gradients.options();
  at::Tensor rows = at::zeros({trace.samples, trace.layout.size()}, options);
  for (const LayerTrace& layer : trace.layers) rule(layer.use).add_per_sample(layer, trace.layout, rows);
  return rows;
}

}  // namespace crosstalk::trace
