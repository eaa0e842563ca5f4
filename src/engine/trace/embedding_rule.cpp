// Embeddings: the numbers of rows x_n (T), output gradients E_n (T, d). The weight's gradient has, in row v,
// the sum of those e_t whose x_t is v: only positions with the same number meet, and no matrix of the
// weight's size is made.
#include <ATen/ops/eq.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/zeros.h>

#include <numeric>

#include "base/error.hpp"
#include "tensor/kernels.hpp"
#include "trace/embedding.hpp"
#include "trace/rule.hpp"

namespace crosstalk::trace {
namespace {

using nn::EmbeddingUse;

at::Tensor flat_numbers(const LayerTrace& layer) { return layer.inputs.reshape({-1}); }

at::Tensor flat_gradients(const LayerTrace& layer) {  // (N T, d)
  return layer.output_gradients.reshape({-1, layer.output_gradients.size(-1)});
}

/// What a sample adds to one row of the weight. Sorted by row, then by sample.
template <class T>
struct Sums {
  std::vector<std::int64_t> row, sample;
  std::vector<T> vectors;  // (size, d)
  std::int64_t d;
  std::int64_t size() const { return static_cast<std::int64_t>(row.size()); }
  /// One after the last of those that have the row of `first`.
  std::int64_t end_of(std::int64_t first) const {
    std::int64_t end = first;
    while (end < size() && row[end] == row[first]) ++end;
    return end;
  }
};

template <class T>
Sums<T> sums_of(const LayerTrace& layer) {
  const at::Tensor numbers = flat_numbers(layer).contiguous(), gradients = flat_gradients(layer).contiguous();
  const std::int64_t positions = numbers.numel(), d = gradients.size(1);
  const std::int64_t each = positions / std::max<std::int64_t>(1, layer.inputs.size(0));
  const std::int64_t* number = numbers.const_data_ptr<std::int64_t>();
  std::vector<std::int64_t> order(static_cast<std::size_t>(positions));
  std::iota(order.begin(), order.end(), 0);  // by sample already
  std::ranges::stable_sort(order, {}, [number](std::int64_t at) { return number[at]; });
  Sums<T> sums{.d = d};
  const T* from = gradients.const_data_ptr<T>();
  for (const std::int64_t at : order) {
    const std::int64_t sample = at / each;
    if (sums.row.empty() || sums.row.back() != number[at] || sums.sample.back() != sample) {
      sums.row.push_back(number[at]), sums.sample.push_back(sample);
      sums.vectors.insert(sums.vectors.end(), from + at * d, from + (at + 1) * d);
    } else {
      T* into = sums.vectors.data() + (sums.size() - 1) * d;
      for (std::int64_t i = 0; i < d; ++i) into[i] += from[at * d + i];
    }
  }
  return sums;
}

/// Adds the products of `rows`' samples and `columns`' to out (N, M), row of the weight by row.
template <class T>
void add_products_of(const Sums<T>& rows, const Sums<T>& columns, std::int64_t width, T* out) {
  std::vector<T> block;
  std::int64_t i = 0, j = 0;
  while (i < rows.size() && j < columns.size()) {
    if (rows.row[i] != columns.row[j]) {
      (rows.row[i] < columns.row[j] ? i : j) += 1;
      continue;
    }
    const std::int64_t i_end = rows.end_of(i), j_end = columns.end_of(j), n = i_end - i, m = j_end - j;
    block.resize(static_cast<std::size_t>(n * m));
    tensor::gemm<T>(false, true, n, m, rows.d, T(1), rows.vectors.data() + i * rows.d, rows.d,
                    columns.vectors.data() + j * rows.d, rows.d, T(0), block.data(), m);
    for (std::int64_t a = 0; a < n; ++a)
      for (std::int64_t b = 0; b < m; ++b)
        out[rows.sample[i + a] * width + columns.sample[j + b]] += block[a * m + b];
    i = i_end, j = j_end;
  }
}

template <class T>
at::Tensor products_on_cpu(const LayerTrace& rows, const LayerTrace& columns) {
  const at::Tensor out =
      at::zeros({rows.inputs.size(0), columns.inputs.size(0)}, rows.output_gradients.options());
  const Sums<T> left = sums_of<T>(rows);
  if (&rows == &columns)
    add_products_of(left, left, out.size(1), out.mutable_data_ptr<T>());
  else
    add_products_of(left, sums_of<T>(columns), out.size(1), out.mutable_data_ptr<T>());
  return out;
}

/// All pairs of positions, those of different rows times 0: a block of samples against a block of samples.
at::Tensor products_by_pairs(const LayerTrace& rows, const LayerTrace& columns, const Options& options) {
  const std::int64_t n = rows.inputs.size(0), m = columns.inputs.size(0);
  const std::int64_t t = rows.inputs.numel() / std::max<std::int64_t>(1, n),
                     s = columns.inputs.numel() / std::max<std::int64_t>(1, m);
  const at::Tensor x = flat_numbers(rows), y = flat_numbers(columns), e = flat_gradients(rows),
                   g = flat_gradients(columns), out = at::zeros({n, m}, e.options());
  const std::int64_t pairs = 2 * t * std::max<std::int64_t>(1, m * s) * e.element_size();
  const std::int64_t at_once =
      std::max<std::int64_t>(1, options.scratch_bytes / std::max<std::int64_t>(1, pairs));
  for (std::int64_t i = 0; i < n; i += at_once) {
    const std::int64_t count = std::min(at_once, n - i);
    at::Tensor products = at::mm(e.narrow(0, i * t, count * t), g.t());
    products.mul_(at::eq(x.narrow(0, i * t, count * t).unsqueeze(1), y.unsqueeze(0)));
    out.narrow(0, i, count).copy_(products.view({count, t, m, s}).sum({1, 3}));
  }
  return out;
}

class EmbeddingRule final : public Rule {
 public:
  void check(const LayerTrace& layer, const tensor::Layout& layout) const override {
    const auto& shape = layout.segments().at(std::get<EmbeddingUse>(layer.use).weight).shape;
    const at::Tensor &x = layer.inputs, &g = layer.output_gradients;
    if (shape.size() == 2 && g.size(-1) == shape[1] && g.numel() == x.numel() * shape[1]) {
      if (x.numel() == 0 || (x.min().item<std::int64_t>() >= 0 && x.max().item<std::int64_t>() < shape[0]))
        return;
    }
    throw Error(ErrorKind::config, "trace of layer " + layer.name + ": rows' numbers " + c10::str(x.sizes()) +
                                       " and output gradients " + c10::str(g.sizes()) +
                                       " do not fit an embedding's weight " +
                                       c10::str(at::IntArrayRef(shape)));
  }

  void gradient(const nn::Use& any, const at::Tensor& inputs, const at::Tensor& output_gradients,
                const tensor::Layout& layout, const at::Tensor& out) const override {
    const at::Tensor weight = layout.view(out, std::get<EmbeddingUse>(any).weight);
    weight.zero_();
    weight.index_add_(0, inputs.reshape({-1}), output_gradients.reshape({-1, weight.size(1)}));
  }

  at::Tensor products(const LayerTrace& rows, const LayerTrace& columns, const tensor::Layout&,
                      const Options& options) const override {
    if (options.path != Path::fastest || !rows.inputs.is_cpu())
      return products_by_pairs(rows, columns, options);
    return rows.output_gradients.scalar_type() == at::kFloat ? products_on_cpu<float>(rows, columns)
                                                             : products_on_cpu<double>(rows, columns);
  }

  at::Tensor squared_norms(const LayerTrace& layer, const tensor::Layout& layout,
                           const Options& options) const override {
    const std::int64_t n = layer.inputs.size(0);
    at::Tensor norms = at::zeros({n}, layer.output_gradients.options());
    for (std::int64_t i = 0; i < n; ++i) {
      const LayerTrace one{layer.name, layer.use, layer.inputs.narrow(0, i, 1),
                           layer.output_gradients.narrow(0, i, 1)};
      norms.narrow(0, i, 1).copy_(products(one, one, layout, options).view({1}));
    }
    return norms;
  }

  at::Tensor directional(const LayerTrace& layer, const tensor::Layout& layout,
                         const at::Tensor& direction) const override {
    const at::Tensor rows = at::index_select(layout.view(direction, std::get<EmbeddingUse>(layer.use).weight),
                                             0, flat_numbers(layer));
    return rows.mul_(flat_gradients(layer)).view({layer.inputs.size(0), -1}).sum(1);
  }

  void add_per_sample(const LayerTrace& layer, const tensor::Layout& layout,
                      const at::Tensor& out) const override {
    const std::size_t segment = std::get<EmbeddingUse>(layer.use).weight;
    const std::int64_t d = layout.segments()[segment].shape[1];
    const at::Tensor numbers = layer.inputs.flatten(1),
                     gradients = layer.output_gradients.reshape({layer.inputs.size(0), -1, d});
    for (std::int64_t n = 0; n < layer.inputs.size(0); ++n)
      segment_of(out, layout, segment)
          .select(0, n)
          .view({-1, d})
          .index_add_(0, numbers.select(0, n), gradients.select(0, n));
  }
};

}  // namespace

at::Tensor linear_by_embedding(const LayerTrace& linear, const LayerTrace& embedding,
                               const Options& options) {
  const std::int64_t n = linear.inputs.size(0), m = embedding.inputs.size(0);
  const at::Tensor a = linear.inputs.reshape({-1, linear.inputs.size(-1)}),  // (N T, d)
      d = linear.output_gradients.reshape({-1, linear.output_gradients.size(-1)});
  const at::Tensor out = at::zeros({n, m}, a.options());
  const std::int64_t each = embedding.inputs.numel() / std::max<std::int64_t>(1, m),
                     bytes = 2 * a.size(0) * std::max<std::int64_t>(1, each) * a.element_size();
  const std::int64_t at_once =
      std::max<std::int64_t>(1, options.scratch_bytes / std::max<std::int64_t>(1, bytes));
  const at::Tensor numbers = flat_numbers(embedding), e = flat_gradients(embedding);
  for (std::int64_t j = 0; j < m; j += at_once) {
    const std::int64_t count = std::min(at_once, m - j);
    at::Tensor products = at::mm(a, e.narrow(0, j * each, count * each).t());  // (N T, count S)
    products.mul_(at::index_select(d, 1, numbers.narrow(0, j * each, count * each)));
    out.narrow(1, j, count).copy_(products.view({n, -1, count, each}).sum({1, 3}));
  }
  return out;
}

const Rule& embedding_rule() {
  static const EmbeddingRule rule;
  return rule;
}

}  // namespace crosstalk::trace
