// Linear layers: inputs A_n (T, d), output gradients D_n (T, p), weight gradient D_n' A_n (p, d), bias's
// sum_t D_n.
#include <ATen/ops/bmm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/zeros.h>

#include "base/error.hpp"
#include "tensor/aligned.hpp"
#include "tensor/kernels.hpp"
#include "trace/outer.hpp"
#include "trace/rule.hpp"
#include "trace/sequence.hpp"

namespace crosstalk::trace {
namespace {

using nn::LinearUse;

bool fast(const at::Tensor& a, const at::Tensor& d) {
  return a.is_cpu() && a.is_contiguous() && d.is_contiguous();
}

// (N, T, width) of (N, width) or (N, ..., width).
at::Tensor sequence(const at::Tensor& x) { return x.reshape({x.size(0), -1, x.size(-1)}); }

template <class T>
void gradient_on_cpu(const LinearUse& use, const at::Tensor& inputs, const at::Tensor& output_gradients,
                     const tensor::Layout& layout, const at::Tensor& out) {
  const std::int64_t d = inputs.size(-1), p = output_gradients.size(-1), rows = output_gradients.numel() / p;
  const T* gradients = output_gradients.const_data_ptr<T>();
  T* theta = out.mutable_data_ptr<T>();
  tensor::gemm<T>(true, false, p, d, rows, T(1), gradients, p, inputs.const_data_ptr<T>(), d, T(0),
                  theta + layout.segments()[use.weight].offset, d);
  if (!use.bias) return;
  tensor::column_sums<T>(gradients, theta + layout.segments()[*use.bias].offset, rows, p);
}

class LinearRule final : public Rule {
 public:
  void check(const LayerTrace& layer, const tensor::Layout& layout) const override {
    const auto& use = std::get<LinearUse>(layer.use);
    const auto& shape = layout.segments().at(use.weight).shape;
    if (shape.size() == 2 && layer.inputs.size(-1) == shape[1] &&
        layer.output_gradients.size(-1) == shape[0] &&
        (!use.bias || layout.segments().at(*use.bias).size() == shape[0]) &&
        layer.inputs.numel() / std::max<std::int64_t>(shape[1], 1) ==
            layer.output_gradients.numel() / std::max<std::int64_t>(shape[0], 1))
      return;
    throw Error(ErrorKind::config,
                "trace of layer " + layer.name + ": inputs " + c10::str(layer.inputs.sizes()) +
                    " and output gradients " + c10::str(layer.output_gradients.sizes()) +
                    " do not fit a linear weight " + c10::str(at::IntArrayRef(shape)) + " with its bias");
  }

  void gradient(const nn::Use& any, const at::Tensor& a, const at::Tensor& d, const tensor::Layout& layout,
                const at::Tensor& out) const override {
    const auto& use = std::get<LinearUse>(any);
    if (fast(a, d) && out.is_contiguous()) {
      if (a.scalar_type() == at::kFloat)
        gradient_on_cpu<float>(use, a, d, layout, out);
      else
        gradient_on_cpu<double>(use, a, d, layout, out);
      return;
    }
    const at::Tensor rows_a = a.reshape({-1, a.size(-1)}), rows_d = d.reshape({-1, d.size(-1)});
    layout.view(out, use.weight).copy_(at::mm(rows_d.t(), rows_a));
    if (use.bias) layout.view(out, *use.bias).copy_(rows_d.sum(0));
  }

  at::Tensor products(const LayerTrace& rows, const LayerTrace& columns, const tensor::Layout& layout,
                      const Options& options) const override {
    const auto& use = std::get<LinearUse>(rows.use);
    const bool same = &rows == &columns, bias = use.bias.has_value();
    switch (method(rows, layout, options)) {
      case Method::outer: {
        const auto flat = [](const at::Tensor& x) {
          return tensor::aligned(x.reshape({x.size(0), x.size(-1)}));
        };
        const at::Tensor a = flat(rows.inputs), d = flat(rows.output_gradients);
        const at::Tensor other_a = same ? a : flat(columns.inputs),
                         other_d = same ? d : flat(columns.output_gradients);
        if (options.path == Path::fastest && a.is_cpu())
          return outer_products(a, d, other_a, other_d, bias, same);
        at::Tensor inputs = at::mm(a, other_a.t());
        if (bias) inputs.add_(1);
        return inputs.mul_(at::mm(d, other_d.t()));
      }
      case Method::pairs:
        return pair_products(
            rows, columns,
            [](const LayerTrace& layer, std::int64_t first, std::int64_t count) -> Positions {
              const auto of = [&](const at::Tensor& x) {
                return tensor::aligned(sequence(x).narrow(0, first, count));
              };
              return {of(layer.inputs), of(layer.output_gradients)};
            },
            bias, options);
      case Method::weight_gradients:
        break;
    }
    return sequence_products(rows, columns, bias, options);
  }

  at::Tensor squared_norms(const LayerTrace& layer, const tensor::Layout&,
                           const Options& options) const override {
    const auto& use = std::get<LinearUse>(layer.use);
    const at::Tensor a = sequence(layer.inputs), d = sequence(layer.output_gradients);
    if (a.size(1) == 1) {
      at::Tensor inputs = a.square().sum({1, 2});
      if (use.bias) inputs.add_(1);
      return inputs.mul_(d.square().sum({1, 2}));
    }
    at::Tensor norms = at::empty({a.size(0)}, a.options());
    const std::int64_t at_once = samples_at_once(layer, options);
    for (std::int64_t n = 0; n < a.size(0); n += at_once) {
      const std::int64_t count = std::min(at_once, a.size(0) - n);
      norms.narrow(0, n, count)
          .copy_(weights(a.narrow(0, n, count), d.narrow(0, n, count)).square().sum({1, 2}));
    }
    return use.bias ? norms.add_(d.sum(1).square().sum(1)) : norms;
  }

  at::Tensor directional(const LayerTrace& layer, const tensor::Layout& layout,
                         const at::Tensor& direction) const override {
    const auto& use = std::get<LinearUse>(layer.use);
    at::Tensor change = at::matmul(sequence(layer.inputs), layout.view(direction, use.weight).t());
    if (use.bias) change.add_(layout.view(direction, *use.bias));
    return change.mul_(sequence(layer.output_gradients)).sum({1, 2});
  }

  void add_per_sample(const LayerTrace& layer, const tensor::Layout& layout,
                      const at::Tensor& out) const override {
    const auto& use = std::get<LinearUse>(layer.use);
    const at::Tensor a = sequence(layer.inputs), d = sequence(layer.output_gradients);
    segment_of(out, layout, use.weight).add_(weights(a, d).flatten(1));
    if (use.bias) segment_of(out, layout, *use.bias).add_(d.sum(1));
  }

 private:
  static at::Tensor weights(const at::Tensor& a, const at::Tensor& d) {
    return at::bmm(d.transpose(1, 2), a);
  }

  static std::int64_t samples_at_once(const LayerTrace& layer, const Options& options) {
    const std::int64_t bytes =
        layer.inputs.size(-1) * layer.output_gradients.size(-1) * layer.inputs.element_size();
    return std::max<std::int64_t>(1, options.scratch_bytes / std::max<std::int64_t>(1, bytes));
  }

  // Sequences: weight gradients of a range of outputs at a time, so that they stay within the scratch memory.
  static at::Tensor sequence_products(const LayerTrace& rows, const LayerTrace& columns, bool bias,
                                      const Options& options) {
    if (options.path == Path::fastest && rows.inputs.is_cpu()) {
      at::Tensor out = sequence_weight_products(rows, columns, options);
      const auto sums = [](const LayerTrace& layer) { return sequence(layer.output_gradients).sum(1); };
      return bias ? out.addmm_(sums(rows), sums(columns).t()) : out;
    }
    const auto straight = [](const at::Tensor& x) { return tensor::aligned(sequence(x)); };
    const at::Tensor a = straight(rows.inputs), d = straight(rows.output_gradients);
    const at::Tensor other_a = straight(columns.inputs), other_d = straight(columns.output_gradients);
    at::Tensor out = at::zeros({a.size(0), other_a.size(0)}, a.options());
    const std::int64_t p = d.size(2), bytes = (a.size(0) + other_a.size(0)) * a.size(2) * a.element_size();
    const std::int64_t at_once =
        std::clamp<std::int64_t>(options.scratch_bytes / std::max<std::int64_t>(1, bytes), 1, p);
    for (std::int64_t first = 0; first < p; first += at_once) {
      const std::int64_t count = std::min(at_once, p - first);
      const at::Tensor left = weights(a, d.narrow(2, first, count)).flatten(1);
      out.addmm_(left, &rows == &columns ? left.t()
                                         : weights(other_a, other_d.narrow(2, first, count)).flatten(1).t());
    }
    if (bias) out.addmm_(d.sum(1), other_d.sum(1).t());
    return out;
  }
};

}  // namespace

const Rule& linear_rule() {
  static const LinearRule rule;
  return rule;
}

}  // namespace crosstalk::trace
