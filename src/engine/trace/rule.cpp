#include "trace/rule.hpp"

#include <ATen/ops/triu.h>

#include "base/error.hpp"
#include "trace/plan.hpp"

namespace crosstalk::trace {

const Rule& rule(const nn::Use& use) {
  switch (use.index()) {
    case 0:
      return linear_rule();
    case 1:
      return convolution_rule();
    case 2:
      return scale_rule();
    case 3:
      return embedding_rule();
    default:
      return rows_rule();
  }
}

Method method(const LayerTrace& layer, const tensor::Layout& layout, const Options& options) {
  const std::vector<Cost> costs = gram_costs(layer, layout, options);
  if (options.method)
    for (const Cost& cost : costs)
      if (cost.method == *options.method) return cost.method;
  return std::min_element(costs.begin(), costs.end(),
                          [](const Cost& a, const Cost& b) { return a.seconds < b.seconds; })
      ->method;
}

OwnLayout::OwnLayout(const nn::Use& original, const tensor::Layout& whole) : use(original) {
  nn::each_segment(use, [&](std::size_t& segment) {
    const tensor::Segment& own = whole.segments()[segment];
    segment = layout.add(own.name, own.shape);
  });
}

void check(const Trace& trace) {
  const std::vector<tensor::Segment>& segments = trace.layout.segments();
  for (const LayerTrace& layer : trace.layers) {
    const at::Tensor &inputs = layer.inputs, &gradients = layer.output_gradients;
    const auto refuse = [&](const std::string& what) {
      throw Error(ErrorKind::config, "trace of layer " + layer.name + ": " + what);
    };
    std::vector<std::size_t> used;
    nn::each_segment(layer.use, [&](std::size_t segment) {
      if (segment >= segments.size())
        refuse("uses parameter number " + std::to_string(segment) + " where the layout of theta has " +
               std::to_string(segments.size()));
      if (std::ranges::find(used, segment) != used.end())
        refuse("uses the parameter " + segments[segment].name +
               " in two ways at once; give each use a layer of its own");
      used.push_back(segment);
    });
    if (!inputs.defined() || !gradients.defined())
      refuse("its inputs or output gradients are not there: run the backward pass before the trace is made");
    if (inputs.dim() < 2 || gradients.dim() < 2)
      refuse("inputs and output gradients need a sample dimension");
    if (inputs.size(0) != trace.samples || gradients.size(0) != trace.samples)
      refuse("has " + std::to_string(inputs.size(0)) + " inputs and " + std::to_string(gradients.size(0)) +
             " output gradients where the trace has " + std::to_string(trace.samples) + " samples");
    const at::ScalarType type = gradients.scalar_type(),
                         wanted = std::holds_alternative<nn::EmbeddingUse>(layer.use) ? at::kLong : type;
    if (inputs.scalar_type() != wanted || inputs.device() != gradients.device())
      refuse("its inputs and output gradients differ in type or device");
    if (type != at::kFloat && type != at::kDouble)
      refuse(std::string("its type is ") + at::toString(type) + "; float and double are handled");
    rule(layer.use).check(layer, trace.layout);
  }
}

at::Tensor segment_of(const at::Tensor& out, const tensor::Layout& layout, std::size_t segment) {
  const tensor::Segment& piece = layout.segments().at(segment);
  return out.narrow(-1, piece.offset, piece.size());
}

at::Tensor mirrored(const at::Tensor& products) {
  if (!products.is_cpu()) return at::triu(products).add_(at::triu(products, 1).t());
  const std::int64_t n = products.size(0);
  const auto run = [n]<class T>(T* at) {
    constexpr std::int64_t tile = 16;  // whole columns would leave the cache line by line
    for (std::int64_t top = 0; top < n; top += tile)
      for (std::int64_t left = top; left < n; left += tile)
        for (std::int64_t i = top; i < std::min(top + tile, n); ++i)
          for (std::int64_t j = std::max(left, i + 1); j < std::min(left + tile, n); ++j)
            at[j * n + i] = at[i * n + j];
  };
  const at::Tensor out = products.contiguous();
  if (out.scalar_type() == at::kFloat)
    run(out.mutable_data_ptr<float>());
  else
    run(out.mutable_data_ptr<double>());
  return out;
}

}  // namespace crosstalk::trace
