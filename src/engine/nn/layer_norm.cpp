#include "nn/layer_norm.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/ops/native_layer_norm.h>
#include <ATen/ops/native_layer_norm_backward.h>

#include "base/layer_shape.hpp"
#include "nn/tangents.hpp"
#include "tensor/kernels.hpp"
#include "tensor/slot.hpp"

namespace crosstalk::nn {
namespace {

/// Calls rows(begin, count) over all rows, on several threads where there is work for them.
template <typename Rows>
void over_rows(std::int64_t samples, std::int64_t size, Rows rows) {
  const std::int64_t grain = std::max<std::int64_t>(1, (1 << 15) / size);
  if (samples <= grain) {
    rows(0, samples);
  } else {
    at::parallel_for(0, samples, grain,
                     [&](std::int64_t begin, std::int64_t end) { rows(begin, end - begin); });
  }
}

}  // namespace

LayerNorm::LayerNorm(Shape shape) : shape_(std::move(shape)), size_(numbers_in(shape_)) {}

void LayerNorm::place(const std::string& prefix, tensor::Layout& layout) {
  use_.gain = layout.add(prefix + ".weight", shape_);
  use_.shift = layout.add(prefix + ".bias", shape_);
}

void LayerNorm::forward(const Views& parameters, const at::Tensor& input, at::Tensor& output,
                        Path path) const {
  if (!is_direct(path, input)) {
    output = std::get<0>(at::native_layer_norm(input, shape_, parameters[0], parameters[1], epsilon));
    return;
  }
  tensor::fit(output, input.sizes(), input);
  tensor::with_type(input, [&]<typename T>(T) {
    const T *x = input.const_data_ptr<T>(), *gain = parameters[0].const_data_ptr<T>(),
            *shift = parameters[1].const_data_ptr<T>();
    T* out = output.mutable_data_ptr<T>();
    over_rows(input.size(0), size_, [&](std::int64_t first, std::int64_t count) {
      tensor::layer_norm_forward(x + first * size_, gain, shift, out + first * size_, count, size_,
                                 static_cast<T>(epsilon));
    });
  });
}

void LayerNorm::backward(const Views& parameters, const at::Tensor& input, const at::Tensor& /*output*/,
                         const at::Tensor& output_gradient, at::Tensor& input_gradient, Path path) const {
  if (!is_direct(path, input)) {
    const auto [out, mean, scale] =
        at::native_layer_norm(input, shape_, parameters[0], parameters[1], epsilon);
    input_gradient = std::get<0>(at::native_layer_norm_backward(
        output_gradient, input, shape_, mean, scale, parameters[0], parameters[1], {true, false, false}));
    return;
  }
  tensor::fit(input_gradient, input.sizes(), input);
  tensor::with_type(input, [&]<typename T>(T) {
    const T *x = input.const_data_ptr<T>(), *gain = parameters[0].const_data_ptr<T>(),
            *gradient = output_gradient.const_data_ptr<T>();
    T* out = input_gradient.mutable_data_ptr<T>();
    over_rows(input.size(0), size_, [&](std::int64_t first, std::int64_t count) {
      tensor::layer_norm_backward(x + first * size_, gain, gradient + first * size_, out + first * size_,
                                  count, size_, static_cast<T>(epsilon));
    });
  });
}

void LayerNorm::traces(const Views&, const at::Tensor& input, const at::Tensor& output_gradient,
                       const Leave& leave) const {
  leave(use_, normalised(input), output_gradient);
}

at::Tensor LayerNorm::normalised(const at::Tensor& input) const {
  const std::int64_t samples = input.size(0);
  if (!input.is_cpu()) {
    return std::get<0>(at::native_layer_norm(input, shape_, std::nullopt, std::nullopt, epsilon))
        .view({samples, size_});
  }
  at::Tensor normalised = at::empty({samples, size_}, input.options());
  tensor::with_type(input, [&]<typename T>(T) {
    tensor::normalise_rows(input.const_data_ptr<T>(), normalised.mutable_data_ptr<T>(), samples, size_,
                           static_cast<T>(epsilon));
  });
  return normalised;
}

/// With n = (x - mean x) / s normalised, s the spread, t what x moves by and q = mean(n t):
///     n' = (t - mean t - n q) / s,   n'' = -(2 q n' + n mean(n' t)) / s
LayerNorm::Normal LayerNorm::normal(const Moving& at) const {
  const at::Tensor x = at.input.reshape({at.input.size(0), 1, size_});
  const at::Tensor rate = x.var(-1, /*unbiased=*/false, /*keepdim=*/true).add_(epsilon).rsqrt_();
  Normal normal{.rate = rate, .value = (x - x.mean(-1, true)) * rate, .mean = {}, .first = {}};
  if (!at.tangent.defined()) return normal;
  const at::Tensor t = at.tangent.flatten(2);
  normal.mean = (normal.value * t).mean(-1, true);
  normal.first = (t - t.mean(-1, true) - normal.value * normal.mean) * rate;
  return normal;
}

at::Tensor LayerNorm::tangent(const Moving& at) const {
  const Normal n = normal(at);
  const at::Tensor gain = at.parameters[0].reshape({size_});
  const at::Tensor sum =
      sum_of(n.first.defined() ? n.first * gain : at::Tensor(),
             at.step != nullptr ? at.step->of_values(use_, n.value.squeeze(1)) : at::Tensor());
  return sum.defined() ? sum.unflatten(2, shape_) : sum;
}

at::Tensor LayerNorm::bend(const Moving& at) const {
  if (!at.tangent.defined()) return {};
  const Normal n = normal(at);
  const at::Tensor change = (n.first * at.tangent.flatten(2)).mean(-1, true);
  const at::Tensor second = (n.first * n.mean * 2 + n.value * change) * -n.rate;
  const at::Tensor sum =
      sum_of(second * at.parameters[0].reshape({size_}),
             at.step != nullptr ? at.step->of_tangents(use_, n.first).mul_(2) : at::Tensor());
  return sum.unflatten(2, shape_);
}

/// Of (h - mean h - n mean(n h)) / s, h the gradient times the gain.
at::Tensor LayerNorm::tangent_back(const Moving& at, const at::Tensor& output_gradient,
                                   const at::Tensor& gradient_tangent) const {
  const Normal n = normal(at);
  const at::Tensor gain = at.parameters[0].reshape({size_}), g = output_gradient.reshape({-1, 1, size_});
  const auto mean = [](const at::Tensor& of) { return of.mean(-1, true); };
  at::Tensor change =
      sum_of(gradient_tangent.defined() ? gradient_tangent.flatten(2) * gain : at::Tensor(),
             at.step != nullptr ? at.step->back(use_, n.value.squeeze(1), g.squeeze(1)) : at::Tensor());
  at::Tensor sum;
  if (change.defined()) sum = (change - mean(change) - n.value * mean(n.value * change)) * n.rate;
  if (n.first.defined()) {
    const at::Tensor h = g * gain, along = mean(n.value * h);
    const at::Tensor back = (h - mean(h) - n.value * along) * n.rate;  // the gradient at the input
    sum = sum_of(sum, (n.first * along + n.value * mean(n.first * h) + back * n.mean) * -n.rate);
  }
  return sum.defined() ? sum.unflatten(2, shape_) : sum;
}

void LayerNorm::tangent_traces(const Moving& at, const at::Tensor& gradient_tangent,
                               const Leave& leave) const {
  leave(use_, normal(at).first, gradient_tangent.defined() ? gradient_tangent.flatten(2) : at::Tensor());
}

}  // namespace crosstalk::nn
