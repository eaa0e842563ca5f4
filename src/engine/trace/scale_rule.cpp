// Gain and shift after a normalisation: gain's gradient is input * output gradient, the shift's the output
// gradient, both summed where several stretches of a sample share them.
#include <ATen/ops/cat.h>
#include <ATen/ops/mv.h>

#include "base/error.hpp"
#include "trace/rows.hpp"
#include "trace/rule.hpp"

namespace crosstalk::trace {
namespace {

using nn::ScaleUse;

std::int64_t width_of(const LayerTrace& layer, const tensor::Layout& layout) {
  return layout.segments()[std::get<ScaleUse>(layer.use).gain].size();
}

/// (count, 2 d) of samples [first, first + count): gain's part, then the shift's; (count, d) without a shift.
at::Tensor rows_of(const LayerTrace& layer, std::int64_t d, std::int64_t first, std::int64_t count) {
  const auto stretches = [&](const at::Tensor& x) {
    return x.narrow(0, first, count).reshape({count, -1, d});
  };
  const at::Tensor gradients = stretches(layer.output_gradients),
                   of_gain = stretches(layer.inputs).mul(gradients).sum(1);
  return std::get<ScaleUse>(layer.use).shift ? at::cat({of_gain, gradients.sum(1)}, 1) : of_gain;
}

at::Tensor all_rows(const LayerTrace& layer, const tensor::Layout& layout) {
  return rows_of(layer, width_of(layer, layout), 0, layer.inputs.size(0));
}

Rows blocks_of(const LayerTrace& layer, const tensor::Layout& layout) {
  return {layer.inputs.size(0), layer.inputs.options(),
          [&layer, d = width_of(layer, layout)](std::int64_t first, std::int64_t count) {
            return rows_of(layer, d, first, count);
          }};
}

/// The most samples in a block: one block's rows are held while another's are formed, from the elementwise
/// product and both sums.
std::int64_t samples_at_once(const LayerTrace& layer, const tensor::Layout& layout, const Options& options) {
  const std::int64_t inputs = layer.inputs.numel() / std::max<std::int64_t>(1, layer.inputs.size(0));
  return samples_in_scratch(inputs + 6 * width_of(layer, layout), options, layer.inputs.element_size());
}

template <class T>
void gradient_on_cpu(const at::Tensor& inputs, const at::Tensor& gradients, std::int64_t d, T* gain,
                     T* shift) {
  const T *x = inputs.const_data_ptr<T>(), *g = gradients.const_data_ptr<T>();
  std::fill_n(gain, d, T(0));
  if (shift != nullptr) std::fill_n(shift, d, T(0));
  for (std::int64_t at = 0; at < gradients.numel(); at += d) {
    for (std::int64_t j = 0; j < d; ++j) gain[j] += x[at + j] * g[at + j];
    for (std::int64_t j = 0; shift != nullptr && j < d; ++j) shift[j] += g[at + j];
  }
}

class ScaleRule final : public Rule {
 public:
  void check(const LayerTrace& layer, const tensor::Layout& layout) const override {
    const auto& use = std::get<ScaleUse>(layer.use);
    const std::int64_t d = layout.segments().at(use.gain).size();
    if (d > 0 && layer.inputs.numel() == layer.output_gradients.numel() && layer.inputs.numel() % d == 0 &&
        (!use.shift || layout.segments().at(*use.shift).size() == d))
      return;
    throw Error(ErrorKind::config, "trace of layer " + layer.name + ": inputs " +
                                       c10::str(layer.inputs.sizes()) + " and output gradients " +
                                       c10::str(layer.output_gradients.sizes()) + " do not fit a gain of " +
                                       std::to_string(d));
  }

  void gradient(const nn::Use& any, const at::Tensor& inputs, const at::Tensor& output_gradients,
                const tensor::Layout& layout, const at::Tensor& out) const override {
    const auto& use = std::get<ScaleUse>(any);
    const std::vector<tensor::Segment>& segments = layout.segments();
    const std::int64_t d = segments[use.gain].size();
    if (inputs.is_cpu() && inputs.is_contiguous() && output_gradients.is_contiguous() &&
        out.is_contiguous()) {
      const auto run = [&]<class T>(T* theta) {
        gradient_on_cpu<T>(inputs, output_gradients, d, theta + segments[use.gain].offset,
                           use.shift ? theta + segments[*use.shift].offset : nullptr);
      };
      if (inputs.scalar_type() == at::kFloat)
        run(out.mutable_data_ptr<float>());
      else
        run(out.mutable_data_ptr<double>());
      return;
    }
    const at::Tensor gradients = output_gradients.reshape({-1, d});
    segment_of(out, layout, use.gain).copy_(inputs.reshape({-1, d}).mul(gradients).sum(0));
    if (use.shift) segment_of(out, layout, *use.shift).copy_(gradients.sum(0));
  }

  at::Tensor products(const LayerTrace& rows, const LayerTrace& columns, const tensor::Layout& layout,
                      const Options& options) const override {
    return row_products(blocks_of(rows, layout), blocks_of(columns, layout), &rows == &columns,
                        samples_at_once(rows, layout, options));
  }

  at::Tensor squared_norms(const LayerTrace& layer, const tensor::Layout& layout,
                           const Options& options) const override {
    return row_norms(blocks_of(layer, layout), samples_at_once(layer, layout, options));
  }

  at::Tensor directional(const LayerTrace& layer, const tensor::Layout& layout,
                         const at::Tensor& direction) const override {
    const auto& use = std::get<ScaleUse>(layer.use);
    at::Tensor along = segment_of(direction, layout, use.gain);
    if (use.shift) along = at::cat({along, segment_of(direction, layout, *use.shift)});
    return at::mv(all_rows(layer, layout), along);
  }

  void add_per_sample(const LayerTrace& layer, const tensor::Layout& layout,
                      const at::Tensor& out) const override {
    const auto& use = std::get<ScaleUse>(layer.use);
    const std::int64_t d = width_of(layer, layout);
    const at::Tensor rows = all_rows(layer, layout);
    segment_of(out, layout, use.gain).add_(rows.narrow(1, 0, d));
    if (use.shift) segment_of(out, layout, *use.shift).add_(rows.narrow(1, d, d));
  }
};

}  // namespace

const Rule& scale_rule() {
  static const ScaleRule rule;
  return rule;
}

}  // namespace crosstalk::trace
