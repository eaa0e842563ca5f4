// Gain and shift after a normalisation: gain's gradient is input * output gradient, the shift's the output
// gradient, both summed where several stretches of a sample share them.
#include <ATen/ops/cat.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/mv.h>

#include "base/error.hpp"
#include "trace/rule.hpp"

namespace crosstalk::trace {
namespace {

using nn::ScaleUse;

// (N, 2 d): gain's part, then the shift's.
at::Tensor rows_of(const LayerTrace& layer, const tensor::Layout& layout) {
  const std::int64_t n = layer.inputs.size(0),
                     d = layout.segments()[std::get<ScaleUse>(layer.use).gain].size();
  const at::Tensor gradients = layer.output_gradients.reshape({n, -1, d});
  return at::cat({layer.inputs.reshape({n, -1, d}).mul(gradients).sum(1), gradients.sum(1)}, 1);
}

template <class T>
void gradient_on_cpu(const at::Tensor& inputs, const at::Tensor& gradients, std::int64_t d, T* gain,
                     T* shift) {
  const T *x = inputs.const_data_ptr<T>(), *g = gradients.const_data_ptr<T>();
  std::fill_n(gain, d, T(0));
  std::fill_n(shift, d, T(0));
  for (std::int64_t at = 0; at < gradients.numel(); at += d)
    for (std::int64_t j = 0; j < d; ++j) gain[j] += x[at + j] * g[at + j], shift[j] += g[at + j];
}

class ScaleRule final : public Rule {
 public:
  void check(const LayerTrace& layer, const tensor::Layout& layout) const override {
    const auto& use = std::get<ScaleUse>(layer.use);
    const std::int64_t d = layout.segments().at(use.gain).size();
    if (d > 0 && layer.inputs.numel() == layer.output_gradients.numel() && layer.inputs.numel() % d == 0 &&
        layout.segments().at(use.shift).size() == d)
      return;
    throw Error(ErrorKind::config, "trace of layer " + layer.name + ": inputs " +
                                       c10::str(layer.inputs.sizes()) + " and output gradients " +
                                       c10::str(layer.output_gradients.sizes()) + " do not fit a gain of " +
                                       std::to_string(d));
  }

  void gradient(const nn::Use& any, const at::Tensor& inputs, const at::Tensor& output_gradients,
                const tensor::Layout& layout, const at::Tensor& out) const override {
    const auto& use = std::get<ScaleUse>(any);
    const tensor::Segment &gain = layout.segments()[use.gain], &shift = layout.segments()[use.shift];
    const std::int64_t d = gain.size();
    if (inputs.is_cpu() && inputs.is_contiguous() && output_gradients.is_contiguous() &&
        out.is_contiguous()) {
      const auto run = [&]<class T>(T* theta) {
        gradient_on_cpu<T>(inputs, output_gradients, d, theta + gain.offset, theta + shift.offset);
      };
      if (inputs.scalar_type() == at::kFloat)
        run(out.mutable_data_ptr<float>());
      else
        run(out.mutable_data_ptr<double>());
      return;
    }
    const at::Tensor gradients = output_gradients.reshape({-1, d});
    segment_of(out, layout, use.gain).copy_(inputs.reshape({-1, d}).mul(gradients).sum(0));
    segment_of(out, layout, use.shift).copy_(gradients.sum(0));
  }

  at::Tensor products(const LayerTrace& rows, const LayerTrace& columns, const tensor::Layout& layout,
                      const Options&) const override {
    const at::Tensor left = rows_of(rows, layout);
    return at::mm(left, (&rows == &columns ? left : rows_of(columns, layout)).t());
  }

  at::Tensor squared_norms(const LayerTrace& layer, const tensor::Layout& layout,
                           const Options&) const override {
    return rows_of(layer, layout).square().sum(1);
  }

  at::Tensor directional(const LayerTrace& layer, const tensor::Layout& layout,
                         const at::Tensor& direction) const override {
    const auto& use = std::get<ScaleUse>(layer.use);
    return at::mv(rows_of(layer, layout), at::cat({segment_of(direction, layout, use.gain),
                                                   segment_of(direction, layout, use.shift)}));
  }

  void per_sample(const LayerTrace& layer, const tensor::Layout& layout,
                  const at::Tensor& out) const override {
    const auto& use = std::get<ScaleUse>(layer.use);
    const std::int64_t d = layout.segments()[use.gain].size();
    const at::Tensor rows = rows_of(layer, layout);
    segment_of(out, layout, use.gain).copy_(rows.narrow(1, 0, d));
    segment_of(out, layout, use.shift).copy_(rows.narrow(1, d, d));
  }
};

}  // namespace

const Rule& scale_rule() {
  static const ScaleRule rule;
  return rule;
}

}  // namespace crosstalk::trace
