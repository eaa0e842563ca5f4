#include "trace/parts.hpp"

#include <ATen/ops/cat.h>
#include <ATen/ops/zeros.h>

#include "trace/convolution.hpp"
#include "trace/embedding.hpp"
#include "trace/rows.hpp"
#include "trace/rule.hpp"

namespace crosstalk::trace {
namespace {

/// Gradients (N, d) that are sums of our own.
LayerTrace vector_use(std::string name, std::size_t segment, const at::Tensor& gradients) {
  return {std::move(name), nn::RowsUse{segment}, gradients, gradients};
}

/// What a layer does with one of its parameters, the others left out.
LayerTrace use_of(const LayerTrace& layer, std::size_t segment, const tensor::Layout& layout) {
  const at::Tensor &x = layer.inputs, &g = layer.output_gradients;
  const std::string name = layout.segments()[segment].name + " of " + layer.name;
  const auto summed = [&](const at::Tensor& gradients, std::int64_t width) {  // over a sample's stretches
    return vector_use(name, segment, gradients.reshape({gradients.size(0), -1, width}).sum(1));
  };
  if (const auto* linear = std::get_if<nn::LinearUse>(&layer.use)) {
    if (segment == linear->weight) return {name, nn::LinearUse{segment, std::nullopt}, x, g};
    return summed(g, g.size(-1));
  }
  if (const auto* convolution = std::get_if<nn::ConvolutionUse>(&layer.use)) {
    if (segment != convolution->weight) return vector_use(name, segment, g.flatten(2).sum(2));
    nn::ConvolutionUse weight = *convolution;
    weight.bias.reset();
    return {name, weight, x, g};
  }
  if (const auto* scale = std::get_if<nn::ScaleUse>(&layer.use))
    return summed(segment == scale->gain ? x.mul(g) : g, layout.segments()[segment].size());
  LayerTrace alone = layer;
  alone.name = name;
  return alone;
}

template <class Kind>
bool are_all(const std::vector<LayerTrace>& uses) {
  return std::ranges::all_of(uses,
                             [](const LayerTrace& use) { return std::holds_alternative<Kind>(use.use); });
}

/// The positions of each use after those of the one before: D' A + E' B = [D; E]' [A; B].
LayerTrace side_by_side(const std::vector<LayerTrace>& uses) {
  std::vector<at::Tensor> inputs, gradients;
  for (const LayerTrace& use : uses) {
    const std::int64_t n = use.inputs.size(0);
    const bool is_linear = std::holds_alternative<nn::LinearUse>(use.use);
    inputs.push_back(is_linear ? use.inputs.reshape({n, -1, use.inputs.size(-1)}) : use.inputs.flatten(1));
    gradients.push_back(use.output_gradients.reshape({n, -1, use.output_gradients.size(-1)}));
  }
  return {uses.front().name, uses.front().use, at::cat(inputs, 1), at::cat(gradients, 1)};
}

/// Several uses of one parameter as one layer, where a rule has such a layer; those of a weight that is tied,
/// rows of an embedding and a linear layer's, as two, the linear one first.
void join(std::vector<LayerTrace>& uses) {
  if (are_all<nn::RowsUse>(uses)) {
    at::Tensor sum = uses.front().output_gradients.clone();
    for (std::size_t i = 1; i < uses.size(); ++i) sum.add_(uses[i].output_gradients);
    uses.front().inputs = uses.front().output_gradients = sum;
    uses.resize(1);
    return;
  }
  std::vector<LayerTrace> linear, embedded;
  for (const LayerTrace& use : uses)
    if (std::holds_alternative<nn::LinearUse>(use.use))
      linear.push_back(use);
    else if (std::holds_alternative<nn::EmbeddingUse>(use.use))
      embedded.push_back(use);
  if (linear.size() + embedded.size() < uses.size()) return;
  const std::string name = uses.front().name;
  uses.clear();
  if (!linear.empty()) uses.push_back(side_by_side(linear));
  if (!embedded.empty()) uses.push_back(side_by_side(embedded));
  uses.front().name = name;
}

/// A linear layer and an embedding that have one weight (V, d).
bool is_tied(const Part& part) {
  return part.uses.size() == 2 && std::holds_alternative<nn::LinearUse>(part.uses[0].use) &&
         std::holds_alternative<nn::EmbeddingUse>(part.uses[1].use);
}

/// |g + h|^2 of both uses: each one's own products, and those of one with the other.
at::Tensor tied_products(const Part& rows, const Part& columns, const tensor::Layout& layout,
                         const Options& options) {
  const auto own = [&](std::size_t use) {
    return rule(rows.uses[use].use).products(rows.uses[use], columns.uses[use], layout, options);
  };
  return own(0)
      .add_(own(1))
      .add_(linear_by_embedding(rows.uses[0], columns.uses[1], options))
      .add_(linear_by_embedding(columns.uses[0], rows.uses[1], options).t());
}

/// The most samples in a block of rows: two blocks are held, and of each use its own rows and what they are
/// formed from.
std::int64_t samples_at_once(const Part& part, const tensor::Layout& layout, const Options& options) {
  std::int64_t formed = 0;
  for (const LayerTrace& use : part.uses)
    if (std::holds_alternative<nn::ConvolutionUse>(use.use)) {
      const Convolution c = convolution_of(use, layout);
      formed = std::max(formed, c.depth() * c.use.groups * c.positions());
    }
  return samples_in_scratch(3 * parameters(part, layout) + formed, options,
                            part.uses.front().output_gradients.element_size());
}

Rows rows_of(const Part& part, const tensor::Layout& layout, const Options& options) {
  const at::Tensor& gradients = part.uses.front().output_gradients;
  return {gradients.size(0), gradients.options(),
          [&](std::int64_t first, std::int64_t count) { return rows(part, layout, first, count, options); }};
}

}  // namespace

std::vector<Part> parts(const Trace& trace) {
  std::vector<int> uses(trace.layout.segments().size(), 0);
  for (const LayerTrace& layer : trace.layers)
    nn::each_segment(layer.use, [&](std::size_t segment) { ++uses[segment]; });
  std::vector<Part> parts;
  std::vector<std::optional<std::size_t>> place(uses.size());  // of a parameter that stands alone
  for (const LayerTrace& layer : trace.layers) {
    bool shares = false;
    nn::each_segment(layer.use, [&](std::size_t segment) { shares |= uses[segment] > 1; });
    if (!shares) {
      parts.push_back({{layer}});
      continue;
    }
    nn::each_segment(layer.use, [&](std::size_t segment) {
      if (!place[segment]) {
        place[segment] = parts.size();
        parts.emplace_back();
      }
      std::vector<LayerTrace>& all = parts[*place[segment]].uses;
      all.push_back(use_of(layer, segment, trace.layout));
      if (all.size() > 1) all.front().name += " and " + layer.name;
    });
  }
  for (Part& part : parts)
    if (part.uses.size() > 1) join(part.uses);
  return parts;
}

std::int64_t parameters(const Part& part, const tensor::Layout& layout) {
  std::int64_t count = 0;  // all uses touch the same ones
  nn::each_segment(part.uses.front().use,
                   [&](std::size_t segment) { count += layout.segments()[segment].size(); });
  return count;
}

at::Tensor rows(const Part& part, const tensor::Layout& layout, std::int64_t first, std::int64_t count,
                const Options& options) {
  const auto block = [&](const LayerTrace& use) -> LayerTrace {
    return {use.name, use.use, use.inputs.narrow(0, first, count),
            use.output_gradients.narrow(0, first, count)};
  };
  const LayerTrace& front = part.uses.front();
  if (part.is_one_layer() && std::holds_alternative<nn::ConvolutionUse>(front.use) && front.inputs.is_cpu() &&
      options.path == Path::fastest)
    return convolution_rows(block(front), layout);
  at::Tensor sum = at::zeros({count, parameters(part, layout)}, front.output_gradients.options());
  for (const LayerTrace& use : part.uses) {
    const OwnLayout own(use.use, layout);
    LayerTrace moved = block(use);
    moved.use = own.use;
    rule(moved.use).add_per_sample(moved, own.layout, sum);
  }
  return sum;
}

at::Tensor products(const Part& rows, const Part& columns, const tensor::Layout& layout,
                    const Options& options) {
  if (rows.is_one_layer())
    return rule(rows.uses.front().use).products(rows.uses.front(), columns.uses.front(), layout, options);
  if (is_tied(rows)) return tied_products(rows, columns, layout, options);
  return row_products(rows_of(rows, layout, options), rows_of(columns, layout, options), &rows == &columns,
                      samples_at_once(rows, layout, options));
}

at::Tensor squared_norms(const Part& part, const tensor::Layout& layout, const Options& options) {
  const LayerTrace& front = part.uses.front();
  if (part.is_one_layer()) return rule(front.use).squared_norms(front, layout, options);
  return row_norms(rows_of(part, layout, options), samples_at_once(part, layout, options));
}

}  // namespace crosstalk::trace
