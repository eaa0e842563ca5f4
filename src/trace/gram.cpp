#include "trace/gram.hpp"

#include <ATen/ops/triu.h>
#include <ATen/ops/zeros.h>

#include "trace/rule.hpp"

namespace crosstalk::trace {
namespace {

// A GEMM gives no promise that (i, j) and (j, i) round alike: the upper triangle is the result.
at::Tensor mirrored(const at::Tensor& products) {
  if (!products.is_cpu()) return at::triu(products).add_(at::triu(products, 1).t());
  const std::int64_t n = products.size(0);
  const auto run = [n]<class T>(T* at) {
    for (std::int64_t i = 0; i < n; ++i)
      for (std::int64_t j = i + 1; j < n; ++j) at[j * n + i] = at[i * n + j];
  };
  const at::Tensor out = products.contiguous();
  if (out.scalar_type() == at::kFloat)
    run(out.mutable_data_ptr<float>());
  else
    run(out.mutable_data_ptr<double>());
  return out;
}

}  // namespace

std::vector<at::Tensor> gram_per_layer(const Trace& trace, const Options& options) {
  check(trace);
  std::vector<at::Tensor> grams;
  for (const LayerTrace& layer : trace.layers)
    grams.push_back(mirrored(rule(layer.use).products(layer, layer, *trace.layout, options)));
  return grams;
}

at::Tensor gram(const Trace& trace, const Options& options) {
  check(trace);
  at::Tensor sum;
  for (const LayerTrace& layer : trace.layers) {
    const at::Tensor part = rule(layer.use).products(layer, layer, *trace.layout, options);
    sum = sum.defined() ? sum.add_(part) : part;
  }
  if (!sum.defined()) return at::zeros({trace.samples, trace.samples});
  return mirrored(sum);
}

}  // namespace crosstalk::trace
