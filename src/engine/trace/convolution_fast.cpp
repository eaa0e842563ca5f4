// Per-sample weight gradients of a convolution on the CPU, one small product a sample and kernel row, samples
// over threads; then one tall product over all samples.
//
// The small product is D_n (p, T) B (T, kw C), with B row t holding the kw C numbers that kernel row i sees
// at position t. In channels-last order these are contiguous in the padded input, so unfolding along the
// width alone is a copy of kw C numbers a position, and every kernel row reads the same copy at another
// offset (one copy a stride class): a third of what im2col writes for a 3 x 3 kernel. B lies in panels of 32
// columns, which the product takes best (small_gemm.hpp); a kernel row shorter than a panel is unfolded in
// both directions.
//
// Tried and lost: grouped convolution over samples (1.8 times slower), im2col of the whole kernel and sgemm_
// (1.3 times), one product a kernel row and output row on overlapping rows without any copy (C travels once
// an output row: 1.1 times).
#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <numeric>
#include <span>

#include "tensor/aligned.hpp"
#include "tensor/small_gemm.hpp"
#include "tensor/transpose.hpp"
#include "trace/convolution.hpp"
#include "trace/rule.hpp"

namespace crosstalk::trace {
namespace {

/// Forms weight gradients sample by sample; one object a thread, its buffers are reused.
template <class T>
class Former {
 public:
  explicit Former(const Convolution& c)
      : c_(c),
        channels_(c.group_channels()),
        row_(c.kernel_width * channels_),
        used_height_((c.out_height - 1) * c.use.stride[0] + (c.kernel_height - 1) * c.use.dilation[0] + 1),
        used_width_((c.out_width - 1) * c.use.stride[1] + (c.kernel_width - 1) * c.use.dilation[1] + 1),
        whole_(row_ < tensor::panel_width),
        columns_(whole_ ? c.depth() : row_),
        classes_(std::min(c.use.stride[0], used_height_)),
        class_rows_((used_height_ + c.use.stride[0] - 1) / c.use.stride[0]),
        rows_(whole_ ? c.positions() : classes_ * class_rows_ * c.out_width),
        plain_(channels_ * c.height * c.width),
        padded_(used_height_ * used_width_ * channels_),
        unfolded_(rows_ * columns_) {
    padded_.fill(0);
  }

  /// out: for output channels [first, first + count), a stretch a group, in it (kernel row, channel, kw C);
  /// then, with `bias`, the sums over positions (count); `add`: on top of what is there. input (C, H, W),
  /// gradients (P, T).
  void form(const T* input, const T* gradients, std::int64_t first, std::int64_t count, bool bias, T* out,
            bool add = false) {
    const std::int64_t positions = c_.positions(), per_group = c_.group_outputs();
    T* to = out;
    for (std::int64_t at = first; at < first + count;) {
      const std::int64_t group = at / per_group, here = std::min((group + 1) * per_group, first + count) - at;
      unfold(input + group * channels_ * c_.height * c_.width);
      multiply(gradients + at * positions, here, to, add);
      to += here * c_.depth();
      at += here;
    }
    if (!bias) return;
    for (std::int64_t p = first; p < first + count; ++p, ++to)
      *to = (add ? *to : T(0)) + sum_of(gradients + p * positions, positions);
  }

  /// What form() made of `count` output channels of one group, as a weight has it: (count, C, kh, kw).
  at::Tensor weight(const at::Tensor& formed, std::int64_t count) const {
    const at::Tensor numbers = formed.narrow(0, 0, count * c_.depth());
    if (whole_)
      return numbers.view({count, c_.kernel_height, c_.kernel_width, channels_}).permute({0, 3, 1, 2});
    return numbers.view({c_.kernel_height, count, c_.kernel_width, channels_}).permute({1, 3, 0, 2});
  }

 private:
  // Eight sums side by side: one alone waits for each addition (a tenth of the whole time, when it did).
  static T sum_of(const T* values, std::int64_t count) {
    T sums[8] = {};
    std::int64_t i = 0;
    for (; i + 8 <= count; i += 8)
      for (int k = 0; k < 8; ++k) sums[k] += values[i + k];
    for (; i < count; ++i) sums[0] += values[i];
    return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
  }

  void unfold(const T* input) {
    const auto [stride_h, stride_w] = c_.use.stride;
    const auto [padding_h, padding_w] = c_.use.padding;
    const auto [dilation_h, dilation_w] = c_.use.dilation;
    const bool fits = padding_h == 0 && padding_w == 0 && used_width_ == c_.width;
    tensor::transpose(input, channels_, c_.height * c_.width, c_.height * c_.width, plain_.data());
    const T* image = plain_.data();
    if (!fits) {
      const std::int64_t columns = std::min(c_.width, used_width_ - padding_w);
      for (std::int64_t h = 0; h < std::min(c_.height, used_height_ - padding_h); ++h)
        if (columns > 0)
          std::copy_n(plain_.data() + h * c_.width * channels_, columns * channels_,
                      padded_.data() + ((h + padding_h) * used_width_ + padding_w) * channels_);
      image = padded_.data();
    }
    const auto unfold_row = [&](std::int64_t h, std::int64_t w, std::int64_t row, std::int64_t column) {
      const T* from = image + (h * used_width_ + w) * channels_;  // what a kernel row at (h, w) sees
      if (dilation_w == 1) {
        put(from, row_, row, column);
        return;
      }
      for (std::int64_t j = 0; j < c_.kernel_width; ++j)
        put(from + j * dilation_w * channels_, channels_, row, column + j * channels_);
    };
    std::int64_t row = 0;
    if (whole_) {
      for (std::int64_t h = 0; h < c_.out_height; ++h)
        for (std::int64_t w = 0; w < c_.out_width; ++w, ++row)
          for (std::int64_t i = 0; i < c_.kernel_height; ++i)
            unfold_row(h * stride_h + i * dilation_h, w * stride_w, row, i * row_);
      return;
    }
    for (std::int64_t stride_class = 0; stride_class < classes_; ++stride_class) {
      row = stride_class * class_rows_ * c_.out_width;
      for (std::int64_t h = stride_class; h < used_height_; h += stride_h)
        for (std::int64_t w = 0; w < c_.out_width; ++w, ++row) unfold_row(h, w * stride_w, row, 0);
    }
  }

  /// `count` numbers into row `row` of the unfolded image, from column `column` on, over its panels.
  void put(const T* from, std::int64_t count, std::int64_t row, std::int64_t column) {
    while (count > 0) {
      const std::int64_t inside = column % tensor::panel_width, first = column - inside;
      const std::int64_t width = std::min(tensor::panel_width, columns_ - first),
                         here = std::min(count, width - inside);
      T* to = unfolded_.data() + first * rows_ + row * width + inside;
      if (here == tensor::panel_width)
        std::copy_n(from, tensor::panel_width, to);  // a constant length: no call
      else
        for (std::int64_t i = 0; i < here; ++i) to[i] = from[i];
      from += here, column += here, count -= here;
    }
  }

  void multiply(const T* gradients, std::int64_t count, T* out, bool add) const {
    const std::int64_t positions = c_.positions(), stride = c_.use.stride[0];
    for (std::int64_t i = 0; i < (whole_ ? 1 : c_.kernel_height); ++i) {
      const std::int64_t offset = i * c_.use.dilation[0];
      const std::int64_t row = ((offset % stride) * class_rows_ + offset / stride) * c_.out_width;
      for (std::int64_t first = 0; first < columns_; first += tensor::panel_width) {
        const std::int64_t width = std::min(tensor::panel_width, columns_ - first);
        tensor::small_gemm<T>(count, width, positions, gradients, positions,
                              unfolded_.data() + first * rows_ + row * width, width,
                              out + i * count * row_ + first, columns_, add);
      }
    }
  }

  const Convolution c_;
  const std::int64_t channels_, row_, used_height_, used_width_;  // row_: what a kernel row sees, kw C
  const bool whole_;
  // Of the unfolded image: rows that lie a multiple of the stride apart are a class.
  const std::int64_t columns_, classes_, class_rows_, rows_;
  tensor::Buffer<T> plain_, padded_, unfolded_;
};

/// The fewest samples worth a thread: waking one costs as much as a million multiplications, more where
/// others compete for the processor.
std::int64_t samples_a_thread(const Convolution& c, std::int64_t outputs) {
  return std::max<std::int64_t>(1,
                                1'000'000 / std::max<std::int64_t>(1, outputs * c.depth() * c.positions()));
}

/// A trace's tensors in the order that the former reads.
template <class T>
struct Source {
  Source(const LayerTrace& layer, const tensor::Layout& layout)
      : c(convolution_of(layer, layout)),
        inputs(tensor::aligned(layer.inputs)),
        gradients(tensor::aligned(layer.output_gradients)),
        bias(c.use.bias.has_value()) {}
  std::int64_t length(std::int64_t outputs) const { return outputs * (c.depth() + (bias ? 1 : 0)); }

  /// out (N, length(count)): output channels [first, first + count) of every sample.
  void form(std::int64_t first, std::int64_t count, T* out) const {
    const T *x = inputs.const_data_ptr<T>(), *g = gradients.const_data_ptr<T>();
    const std::int64_t image = c.channels * c.height * c.width, outputs = c.outputs * c.positions();
    at::parallel_for(0, c.samples, samples_a_thread(c, count), [&](std::int64_t begin, std::int64_t end) {
      Former<T> former(c);
      for (std::int64_t n = begin; n < end; ++n)
        former.form(x + n * image, g + n * outputs, first, count, bias, out + n * length(count));
    });
  }

  Convolution c;
  at::Tensor inputs, gradients;
  bool bias;
};

/// The sums over all samples, 32 output channels at a time over threads: in single precision no sum depends
/// on how many threads there are (in double the products are MKL's, whose sums do).
template <class T>
void gradient(const LayerTrace& layer, const tensor::Layout& layout, const at::Tensor& weight,
              const std::optional<at::Tensor>& bias) {
  const Source<T> source(layer, layout);
  const Convolution& c = source.c;
  const T *x = source.inputs.template const_data_ptr<T>(), *g = source.gradients.template const_data_ptr<T>();
  constexpr std::int64_t together = 32;
  const auto form = [&](std::int64_t first) {
    const std::int64_t count = std::min(together, c.outputs - first);
    Former<T> former(c);
    const at::Tensor sums = at::empty({source.length(count)}, weight.options());
    for (std::int64_t n = 0; n < c.samples; ++n)
      former.form(x + n * c.channels * c.height * c.width, g + n * c.outputs * c.positions(), first, count,
                  source.bias, sums.template mutable_data_ptr<T>(), /*add=*/n > 0);
    weight.narrow(0, first, count).copy_(former.weight(sums, count));
    if (bias) bias->narrow(0, first, count).copy_(sums.narrow(0, count * c.depth(), count));
  };
  at::parallel_for(0, (c.outputs + together - 1) / together, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t part = begin; part < end; ++part) form(part * together);
  });
}

template <class T>
at::Tensor products(const LayerTrace& rows, const LayerTrace& columns, const tensor::Layout& layout,
                    const Options& options) {
  const bool same = &rows == &columns;
  const Source<T> left(rows, layout);
  const std::optional<Source<T>> right =
      same ? std::nullopt : std::optional<Source<T>>(std::in_place, columns, layout);
  const std::int64_t n = rows.inputs.size(0), m = columns.inputs.size(0), outputs = left.c.outputs;
  at::Tensor out = at::zeros({n, m}, rows.inputs.options());
  const std::int64_t bytes = std::max<std::int64_t>(1, (n + (same ? 0 : m)) * left.length(1) * sizeof(T));
  const std::int64_t slabs =
      (outputs + std::clamp<std::int64_t>(options.scratch_bytes / bytes, 1, outputs) - 1) /
      std::clamp<std::int64_t>(options.scratch_bytes / bytes, 1, outputs);
  const std::int64_t at_once = (outputs + slabs - 1) / slabs;
  Scratch own;
  const at::Tensor memory = (options.scratch != nullptr ? *options.scratch : own)
                                .take((n + (same ? 0 : m)) * left.length(at_once), out.options());
  T *x = memory.mutable_data_ptr<T>(), *y = x + n * left.length(at_once);
  for (std::int64_t first = 0; first < outputs; first += at_once) {
    const std::int64_t count = std::min(at_once, outputs - first), length = left.length(count);
    left.form(first, count, x);
    if (same) {
      add_symmetric_product<T>(x, n, length, out.mutable_data_ptr<T>());
    } else {
      right->form(first, count, y);
      add_product<T>(x, n, y, m, length, out.mutable_data_ptr<T>());
    }
  }
  return out;
}

template <class T>
at::Tensor squared_norms(const LayerTrace& layer, const tensor::Layout& layout) {
  const Source<T> source(layer, layout);
  const Convolution& c = source.c;
  at::Tensor out = at::empty({c.samples}, layer.inputs.options());
  const T *x = source.inputs.template const_data_ptr<T>(), *g = source.gradients.template const_data_ptr<T>();
  T* norms = out.mutable_data_ptr<T>();
  at::parallel_for(0, c.samples, samples_a_thread(c, c.outputs), [&](std::int64_t begin, std::int64_t end) {
    Former<T> former(c);
    const tensor::Buffer<T> buffer(source.length(c.outputs));
    const std::span<const T> row(buffer.data(), buffer.size());
    for (std::int64_t n = begin; n < end; ++n) {
      former.form(x + n * c.channels * c.height * c.width, g + n * c.outputs * c.positions(), 0, c.outputs,
                  source.bias, buffer.data());
      double sums[8] = {};
      std::size_t i = 0;
      for (; i + 8 <= row.size(); i += 8)
        for (std::size_t k = 0; k < 8; ++k) sums[k] += double(row[i + k]) * double(row[i + k]);
      for (; i < row.size(); ++i) sums[0] += double(row[i]) * double(row[i]);
      norms[n] = T(std::accumulate(sums, sums + 8, 0.0));
    }
  });
  return out;
}

}  // namespace

bool is_slow_in_libraries(const nn::ConvolutionUse& use, const at::Tensor& inputs, at::IntArrayRef weight) {
  constexpr std::int64_t block = 8;  // channels that their kernel takes at once; of 1 and 3 it has another
  const std::int64_t channels = inputs.size(1);
  const std::int64_t copies = weight[2] * weight[3] / (use.stride[0] * use.stride[1]);  // of each number
  return inputs.is_cpu() && inputs.size(0) > 0 && use.groups == 1 && channels < block && channels != 1 &&
         channels != 3 && copies <= 4 && use.stride[0] * use.stride[1] > 1;
}

void convolution_gradient(const LayerTrace& layer, const tensor::Layout& layout, const at::Tensor& weight,
                          const std::optional<at::Tensor>& bias) {
  if (layer.inputs.scalar_type() == at::kFloat)
    gradient<float>(layer, layout, weight, bias);
  else
    gradient<double>(layer, layout, weight, bias);
}

at::Tensor convolution_products(const LayerTrace& rows, const LayerTrace& columns,
                                const tensor::Layout& layout, const Options& options) {
  return rows.inputs.scalar_type() == at::kFloat ? products<float>(rows, columns, layout, options)
                                                 : products<double>(rows, columns, layout, options);
}

at::Tensor convolution_squared_norms(const LayerTrace& layer, const tensor::Layout& layout, const Options&) {
  return layer.inputs.scalar_type() == at::kFloat ? squared_norms<float>(layer, layout)
                                                  : squared_norms<double>(layer, layout);
}

at::Tensor convolution_rows(const LayerTrace& layer, const tensor::Layout& layout) {
  const auto run = [&]<class T>(T) {
    const Source<T> source(layer, layout);
    at::Tensor rows = at::empty({source.c.samples, source.length(source.c.outputs)}, layer.inputs.options());
    source.form(0, source.c.outputs, rows.template mutable_data_ptr<T>());
    return rows;
  };
  return layer.inputs.scalar_type() == at::kFloat ? run(float{}) : run(double{});
}

}  // namespace crosstalk::trace
