#include "trace/reference.hpp"

#include <ATen/ops/zeros.h>

namespace crosstalk::trace::reference {
namespace {

at::Tensor doubles(const at::Tensor& x) { return x.to(at::kCPU, at::kDouble).contiguous(); }

/// Numbers of a layer, and where its rows of the result begin.
struct Place {
  const at::Tensor x, g;  // inputs, output gradients
  const double *inputs, *gradients;
  double* rows;  // (N, P)
  std::int64_t samples, width;
  Place(const LayerTrace& layer, const at::Tensor& out)
      : x(doubles(layer.inputs)),
        g(doubles(layer.output_gradients)),
        inputs(x.const_data_ptr<double>()),
        gradients(g.const_data_ptr<double>()),
        rows(out.data_ptr<double>()),
        samples(out.size(0)),
        width(out.size(1)) {}
};

// y_tj = sum_i w_ji x_ti + b_j
void linear(const nn::LinearUse& use, const tensor::Layout& layout, const Place& at) {
  const tensor::Segment& weight = layout.segments()[use.weight];
  const std::int64_t p = weight.shape[0], d = weight.shape[1], positions = at.x.numel() / at.samples / d;
  for (std::int64_t n = 0; n < at.samples; ++n)
    for (std::int64_t t = n * positions; t < (n + 1) * positions; ++t)
      for (std::int64_t j = 0; j < p; ++j) {
        const double gradient = at.gradients[t * p + j];
        for (std::int64_t i = 0; i < d; ++i)
          at.rows[n * at.width + weight.offset + j * d + i] += gradient * at.inputs[t * d + i];
        if (use.bias) at.rows[n * at.width + layout.segments()[*use.bias].offset + j] += gradient;
      }
}

// y_jhw = sum over c, i, k of w_jcik x_c,(h stride + i dilation - padding),(w stride + k dilation - padding)
// + b_j
void convolution(const nn::ConvolutionUse& use, const tensor::Layout& layout, const Place& at) {
  const tensor::Segment& weight = layout.segments()[use.weight];
  const std::int64_t outputs = weight.shape[0], channels = weight.shape[1], kernel_h = weight.shape[2],
                     kernel_w = weight.shape[3], height = at.x.size(2), width = at.x.size(3);
  const std::int64_t out_h = at.g.size(2), out_w = at.g.size(3), per_group = outputs / use.groups;
  for (std::int64_t n = 0; n < at.samples; ++n)
    for (std::int64_t j = 0; j < outputs; ++j)
      for (std::int64_t h = 0; h < out_h; ++h)
        for (std::int64_t w = 0; w < out_w; ++w) {
          const double gradient = at.gradients[((n * outputs + j) * out_h + h) * out_w + w];
          double* row = at.rows + n * at.width;
          if (use.bias) row[layout.segments()[*use.bias].offset + j] += gradient;
          for (std::int64_t c = 0; c < channels; ++c)
            for (std::int64_t i = 0; i < kernel_h; ++i)
              for (std::int64_t k = 0; k < kernel_w; ++k) {
                const std::int64_t y = h * use.stride[0] + i * use.dilation[0] - use.padding[0];
                const std::int64_t x = w * use.stride[1] + k * use.dilation[1] - use.padding[1];
                if (y < 0 || y >= height || x < 0 || x >= width) continue;
                const std::int64_t channel = (j / per_group) * channels + c;
                row[weight.offset + ((j * channels + c) * kernel_h + i) * kernel_w + k] +=
                    gradient * at.inputs[((n * at.x.size(1) + channel) * height + y) * width + x];
              }
        }
}

// y_i = gain_i x_i + shift_i, every stretch of `gain.size()` numbers
void scale(const nn::ScaleUse& use, const tensor::Layout& layout, const Place& at) {
  const tensor::Segment& gain = layout.segments()[use.gain];
  const std::int64_t count = at.x.numel() / at.samples;
  for (std::int64_t n = 0; n < at.samples; ++n)
    for (std::int64_t i = 0; i < count; ++i) {
      const double gradient = at.gradients[n * count + i];
      at.rows[n * at.width + gain.offset + i % gain.size()] += gradient * at.inputs[n * count + i];
      if (use.shift)
        at.rows[n * at.width + layout.segments()[*use.shift].offset + i % gain.size()] += gradient;
    }
}

// y_t = row x_t of the weight
void embedding(const nn::EmbeddingUse& use, const tensor::Layout& layout, const Place& at) {
  const tensor::Segment& weight = layout.segments()[use.weight];
  const std::int64_t d = weight.shape[1], positions = at.x.numel() / at.samples;
  for (std::int64_t n = 0; n < at.samples; ++n)
    for (std::int64_t t = n * positions; t < (n + 1) * positions; ++t)
      for (std::int64_t i = 0; i < d; ++i)
        at.rows[n * at.width + weight.offset + static_cast<std::int64_t>(at.inputs[t]) * d + i] +=
            at.gradients[t * d + i];
}

void given(const nn::RowsUse& use, const tensor::Layout& layout, const Place& at) {
  const tensor::Segment& parameter = layout.segments()[use.parameter];
  for (std::int64_t n = 0; n < at.samples; ++n)
    for (std::int64_t i = 0; i < parameter.size(); ++i)
      at.rows[n * at.width + parameter.offset + i] += at.gradients[n * parameter.size() + i];
}

}  // namespace

at::Tensor per_sample_gradients(const Trace& trace) {
  at::Tensor rows = at::zeros({trace.samples, trace.layout.size()}, at::kDouble);
  for (const LayerTrace& layer : trace.layers) {
    const Place place(layer, rows);
    if (const auto* use = std::get_if<nn::LinearUse>(&layer.use)) linear(*use, trace.layout, place);
    if (const auto* use = std::get_if<nn::ConvolutionUse>(&layer.use)) convolution(*use, trace.layout, place);
    if (const auto* use = std::get_if<nn::ScaleUse>(&layer.use)) scale(*use, trace.layout, place);
    if (const auto* use = std::get_if<nn::EmbeddingUse>(&layer.use)) embedding(*use, trace.layout, place);
    if (const auto* use = std::get_if<nn::RowsUse>(&layer.use)) given(*use, trace.layout, place);
  }
  return rows;
}

at::Tensor gradient(const Trace& trace) {
  const at::Tensor rows = per_sample_gradients(trace);
  const std::int64_t parameters = rows.size(1);
  at::Tensor out = at::zeros({parameters}, at::kDouble);
  for (std::int64_t n = 0; n < rows.size(0); ++n)
    for (std::int64_t i = 0; i < parameters; ++i)
      out.data_ptr<double>()[i] += rows.const_data_ptr<double>()[n * parameters + i];
  return out;
}

at::Tensor cross_gram(const Trace& rows, const Trace& columns) {
  const at::Tensor left = per_sample_gradients(rows), right = per_sample_gradients(columns);
  at::Tensor out = at::zeros({left.size(0), right.size(0)}, at::kDouble);
  for (std::int64_t n = 0; n < left.size(0); ++n)
    for (std::int64_t m = 0; m < right.size(0); ++m) {
      double sum = 0;
      for (std::int64_t i = 0; i < left.size(1); ++i)
        sum += left.const_data_ptr<double>()[n * left.size(1) + i] *
               right.const_data_ptr<double>()[m * left.size(1) + i];
      out.data_ptr<double>()[n * right.size(0) + m] = sum;
    }
  return out;
}

at::Tensor gram(const Trace& trace) { return cross_gram(trace, trace); }

at::Tensor squared_norms(const Trace& trace) { return gram(trace).diagonal().clone(); }

at::Tensor directional(const Trace& trace, const at::Tensor& direction) {
  const at::Tensor rows = per_sample_gradients(trace), v = doubles(direction);
  at::Tensor out = at::zeros({rows.size(0)}, at::kDouble);
  for (std::int64_t n = 0; n < rows.size(0); ++n)
    for (std::int64_t i = 0; i < rows.size(1); ++i)
      out.data_ptr<double>()[n] +=
          rows.const_data_ptr<double>()[n * rows.size(1) + i] * v.const_data_ptr<double>()[i];
  return out;
}

}  // namespace crosstalk::trace::reference
