// Parameters whose per-sample gradients (N, K) are given: of a vector that is a sum over positions, and of
// whatever has no rule of its own.
#include "base/error.hpp"
#include "trace/rows.hpp"
#include "trace/rule.hpp"

namespace crosstalk::trace {
namespace {

using nn::RowsUse;

Rows rows_of(const LayerTrace& layer) {
  return {layer.output_gradients.size(0), layer.output_gradients.options(),
          [&](std::int64_t first, std::int64_t count) {
            return layer.output_gradients.narrow(0, first, count).flatten(1);
          }};
}

class RowsRule final : public Rule {
 public:
  void check(const LayerTrace& layer, const tensor::Layout& layout) const override {
    const std::int64_t n = layer.output_gradients.size(0),
                       size = layout.segments().at(std::get<RowsUse>(layer.use).parameter).size();
    if (layer.output_gradients.numel() == n * size) return;
    throw Error(ErrorKind::config, "trace of layer " + layer.name + ": gradients " +
                                       c10::str(layer.output_gradients.sizes()) +
                                       " do not fit a parameter of " + std::to_string(size));
  }

  void gradient(const nn::Use& use, const at::Tensor&, const at::Tensor& gradients,
                const tensor::Layout& layout, const at::Tensor& out) const override {
    segment_of(out, layout, std::get<RowsUse>(use).parameter).copy_(gradients.flatten(1).sum(0));
  }

  at::Tensor products(const LayerTrace& rows, const LayerTrace& columns, const tensor::Layout&,
                      const Options&) const override {
    // The rows are there already: nothing is formed, and a block of all is a view.
    return row_products(rows_of(rows), rows_of(columns), &rows == &columns,
                        std::max(rows.output_gradients.size(0), columns.output_gradients.size(0)));
  }

  at::Tensor squared_norms(const LayerTrace& layer, const tensor::Layout&, const Options&) const override {
    return layer.output_gradients.flatten(1).square().sum(1);
  }

  at::Tensor directional(const LayerTrace& layer, const tensor::Layout& layout,
                         const at::Tensor& direction) const override {
    return layer.output_gradients.flatten(1).mv(
        segment_of(direction, layout, std::get<RowsUse>(layer.use).parameter));
  }

  void add_per_sample(const LayerTrace& layer, const tensor::Layout& layout,
                      const at::Tensor& out) const override {
    segment_of(out, layout, std::get<RowsUse>(layer.use).parameter).add_(layer.output_gradients.flatten(1));
  }
};

}  // namespace

const Rule& rows_rule() {
  static const RowsRule rule;
  return rule;
}

}  // namespace crosstalk::trace
